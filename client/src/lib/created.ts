import { describeUnknownName } from '../../../src/devtools/unknown-name'
import type { PanelState } from './state'

type Server = Pick<PanelState, 'names' | 'limits'>

/** Whether the app sends no cookie for the sessions of this name (`cookie: false`). */
export function hasNoCookie(name: string, { names, limits }: Server): boolean {
  return names.includes(name) && !Object.hasOwn(limits.cookies, name)
}

/** What to know before a session of this name is created. `undefined` if its browser simply gets it. */
export function noteOnName(name: string, server: Server): string | undefined {
  if (hasNoCookie(name, server)) return `The session "${name}" has no cookie, so no browser gets it. To use it, open it in Sessions, and copy its header or curl under Export.`
  return server.names.includes(name) ? undefined : describeUnknownName(name, server.names)
}

/** That a session was created in this browser. */
export function createdText(name: string, server: Server): string {
  const text = hasNoCookie(name, server) ? 'The session is created.' : 'This browser now has the new session.'
  return [text, noteOnName(name, server)].filter(Boolean).join(' ')
}
