import type { Overwrite } from './protocol'
import { requestLabel } from './request-label'

/** Which request has replaced or removed the cookie of a session. */
export function describeOverwrite({ kind, call, ...request }: Overwrite, user?: string): string {
  if (kind === 'app') return `Its cookie was removed by the response to ${requestLabel(request)}: the app has deleted or set a cookie of the same name.`
  if (!call) return `${requestLabel(request)} was running in parallel${kind === 'clear' ? ', cleared the session' : ''} and began another session, whose cookie was set last.`
  const begun = call.kind === 'clear' ? 'cleared a session and began this one' : `gave the session a new id${user === undefined ? '' : ` (${user})`}`
  const set = call.kind === 'clear' ? 'set the cookie of the cleared one again' : 'set the cookie with its old id'
  return `${requestLabel(call)} ${begun}, but ${requestLabel(request)} was running and ${kind === 'removal' ? 'removed its cookie' : set}.`
}

/** Whether the browser has no cookie of the session's name any more, rather than another one. */
export function isRemoval({ kind }: Overwrite): boolean {
  return kind === 'removal' || kind === 'app'
}
