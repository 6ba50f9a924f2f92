import type { InspectedRequest } from '../../../src/devtools/protocol'
import { stepsOf } from './requests'
import type { Step } from './requests'
import type { PanelSession } from './state'

/** The listed writes of each top-level key of a session, newest first, also those under its earlier ids. */
export function writersOf(session: PanelSession, sessions: readonly PanelSession[], requests: readonly InspectedRequest[]): Map<string, Step[]> {
  const ids = idsOf(session, sessions)
  const writers = new Map<string, Step[]>()
  for (const step of stepsOf(requests).reverse()) {
    if (!ids.has(step.event.key ?? '')) continue
    for (const change of step.event.changes) writers.set(change.slice(1), [...writers.get(change.slice(1)) ?? [], step])
  }
  return writers
}

/** The sign of a key's change in an event: `+`, `−` or `~`. */
export function signOf({ event: { changes } }: Pick<Step, 'event'>, key: string): string {
  return changes.find(change => change.slice(1) === key)?.[0] ?? ''
}

/** The keys of a session and of those whose id it has replaced. */
function idsOf(session: PanelSession, sessions: readonly PanelSession[]): ReadonlySet<string> {
  const byKey = new Map(sessions.map(each => [each.key, each]))
  const keys = new Set<string>()
  for (let each: PanelSession | undefined = session; each && !keys.has(each.key); each = byKey.get(each.previous ?? '')) keys.add(each.key)
  return keys
}
