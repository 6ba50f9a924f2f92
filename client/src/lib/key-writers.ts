import type { InspectedRequest, KeyWrite, TimelineEvent } from '../../../src/devtools/protocol'
import { isUnanswered, stepsOf } from './requests'
import type { PanelSession } from './state'

/** A write of a key. `event` is absent if its request is no longer listed. */
export interface Writer extends Omit<KeyWrite, 'key'> { event?: TimelineEvent }

/**
 * The writes of each top-level key of a session, newest first, also those under its earlier ids: the listed ones, else
 * the last one. clear() ends the session and writes no key.
 */
export function writersOf(session: PanelSession, sessions: readonly PanelSession[], requests: readonly InspectedRequest[]): Map<string, Writer[]> {
  const ids = idsOf(session, sessions)
  const last = session.writers && new Map(session.writers.map(({ key, at }) => [key, at]))
  const writers = new Map<string, Writer[]>()
  for (const { request, event } of stepsOf(requests).reverse()) {
    if (!ids.has(event.key ?? '') || event.kind === 'clear') continue
    // What the browser did not get in a cookie is not in its session.
    if (session.storage === undefined && session.transport !== 'header' && isUnanswered(request)) continue
    const { method, path } = request
    const writer = { at: event.at, method, path, source: event.sources[0], event }
    for (const change of event.changes) {
      const key = change.slice(1)
      // A later write is not in the data if the browser sent an older cookie.
      if (last === undefined || event.at <= (last.get(key) ?? 0)) writers.set(key, [...writers.get(key) ?? [], writer])
    }
  }
  for (const write of session.writers ?? []) {
    if (!writers.has(write.key)) writers.set(write.key, [write])
  }
  return writers
}

/** The sign of a key's change in a listed write: `+`, `−` or `~`. */
export function signOf({ event }: Pick<Writer, 'event'>, key: string): string {
  return event?.changes.find(change => change.slice(1) === key)?.[0] ?? ''
}

/** The keys of a session and of those whose id it has replaced. */
function idsOf(session: PanelSession, sessions: readonly PanelSession[]): ReadonlySet<string> {
  const byKey = new Map(sessions.map(each => [each.key, each]))
  const keys = new Set<string>()
  for (let each: PanelSession | undefined = session; each && !keys.has(each.key); each = byKey.get(each.previous ?? '')) keys.add(each.key)
  return keys
}
