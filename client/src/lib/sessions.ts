import type { InspectedSession, Json } from '../../../src/devtools/protocol'
import { shortId } from './format'
import { entriesOf, isJsonObject } from './json'

/** Sorts this browser's sessions first and ended sessions last; the last used come first in each group. */
export function sortSessions(sessions: InspectedSession[]): InspectedSession[] {
  const rank = (session: InspectedSession): number => (session.isCurrent ? 0 : 1) + (session.ended ? 2 : 0)
  return [...sessions].sort((a, b) => rank(a) - rank(b) || b.lastUsedAt - a.lastUsedAt)
}

/** Returns the best name for a session's user: from `data.user`, else the user id. */
export function userLabel(session: InspectedSession): string | undefined {
  const user = session.data.user
  const candidates = isJsonObject(user) ? [user.name, user.login, user.email, user.id] : [user]
  const label = candidates.find(value => (typeof value === 'string' && value !== '') || typeof value === 'number')
  if (label === undefined) return session.userId
  return session.userId && session.userId !== String(label) ? `${label} (${session.userId})` : String(label)
}

/** Returns the short id, or the short handle if the session is known only from its store. */
export function idLabel({ id, handle }: Pick<InspectedSession, 'id' | 'handle'>): string {
  return id === undefined ? `#${shortId(handle)}` : shortId(id)
}

/** How a session ended, in the list's words. */
export function endedLabel(ended: NonNullable<InspectedSession['ended']>): string {
  return ended === 'gone' ? 'missing from store' : ended
}

/** Finds sessions that contain every word of the query in their ids, names, users, keys or values. */
export function searchSessions(sessions: InspectedSession[], query: string): InspectedSession[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return sessions
  return sessions.filter((session) => {
    const text = searchText(session)
    return words.every(word => text.includes(word))
  })
}

const texts = new WeakMap<InspectedSession, string>()

function searchText(session: InspectedSession): string {
  let text = texts.get(session)
  if (text === undefined) {
    const parts = [session.id, session.handle, session.name, session.userId, session.carrier, session.keeper, session.ended && endedLabel(session.ended), session.storage, session.userAgent, session.ip].map(part => part ?? '')
    collectText(session.data, parts)
    if (session.flash) collectText(session.flash, parts)
    text = parts.join('\n').toLowerCase()
    texts.set(session, text)
  }
  return text
}

function collectText(value: Json, parts: string[]): void {
  const entries = entriesOf(value)
  if (entries.length === 0 && (typeof value !== 'object' || value === null)) parts.push(String(value))
  for (const [key, item] of entries) {
    if (typeof key === 'string') parts.push(key)
    collectText(item, parts)
  }
}

/** Reuses the previous object of every unchanged item, so that Vue renders only changed ones again. */
export function reuseUnchanged<T>(previous: readonly T[], fresh: readonly T[], key: (item: T) => string, isUnchanged: (a: T, b: T) => boolean): T[] {
  const byKey = new Map(previous.map(item => [key(item), item]))
  return fresh.map((item) => {
    const old = byKey.get(key(item))
    return old !== undefined && isUnchanged(old, item) ? old : item
  })
}
