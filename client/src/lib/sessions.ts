import type { InspectedSession, Json } from '../../../src/devtools/protocol'
import { shortId } from './format'
import { entriesOf, isJsonObject } from './json'

/** This browser's first, those still alive before the ended, the last used on top. */
export function sortSessions(sessions: InspectedSession[]): InspectedSession[] {
  const rank = (session: InspectedSession): number => (session.isCurrent ? 0 : 1) + (session.ended ? 2 : 0)
  return [...sessions].sort((a, b) => rank(a) - rank(b) || b.lastUsedAt - a.lastUsedAt)
}

/** Whom a session belongs to, as well as it can be told. */
export function userLabel(session: InspectedSession): string | undefined {
  const user = session.data.user
  const known = isJsonObject(user) ? [user.name, user.login, user.email, user.id] : [user]
  const label = known.find(value => (typeof value === 'string' && value !== '') || typeof value === 'number')
  if (label === undefined) return session.userId
  return session.userId && session.userId !== String(label) ? `${label} (${session.userId})` : String(label)
}

/** A session's id in short, or where only its store is known its handle. */
export function idLabel({ id, handle }: Pick<InspectedSession, 'id' | 'handle'>): string {
  return id === undefined ? `#${shortId(handle)}` : shortId(id)
}

/** Sessions in whose ids, names, users, keys or values every word of the query occurs. */
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
    const parts = [session.id, session.handle, session.name, session.userId, session.carrier, session.keeper, session.ended, session.storage, session.userAgent, session.ip].map(part => part ?? '')
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

/** Keeps the object known for whatever has not changed, so that only what has is drawn again. */
export function reuseSame<T>(known: readonly T[], fresh: readonly T[], key: (item: T) => string, isUnchanged: (a: T, b: T) => boolean): T[] {
  const byKey = new Map(known.map(item => [key(item), item]))
  return fresh.map((item) => {
    const old = byKey.get(key(item))
    return old !== undefined && isUnchanged(old, item) ? old : item
  })
}
