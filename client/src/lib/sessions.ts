import type { Json } from '../../../src/devtools/protocol'
import type { PanelSession } from './state'
import { shortId } from './format'
import { entriesOf } from './json'
import { plainName } from './plain-text'

/** Sorts this browser's sessions first and ended sessions last; the last used come first in each group. */
export function sortSessions(sessions: PanelSession[]): PanelSession[] {
  const rank = (session: PanelSession): number => (session.isCurrent ? 0 : 1) + (session.ended ? 2 : 0)
  return [...sessions].sort((a, b) => rank(a) - rank(b) || b.lastUsedAt - a.lastUsedAt)
}

/** Returns the short id, or the short handle if the session is known only from its store. */
export function idLabel({ id, handle }: Pick<PanelSession, 'id' | 'handle'>): string {
  return id === undefined ? `#${shortId(handle)}` : shortId(id)
}

/** The user's name, else the short id. */
export function titleOf(session: Pick<PanelSession, 'user' | 'id' | 'handle'>): string {
  return session.user === undefined ? idLabel(session) : plainName(session.user)
}

/** How a session is sent. A cookie is the usual case, so it has no label. A session from its store may have been used before the server started. */
export const TRANSPORTS: Record<PanelSession['transport'], { label: string, title: string } | undefined> = {
  cookie: undefined,
  header: { label: 'header', title: 'Sent in a header, without a cookie' },
  none: { label: 'not sent', title: 'No response has sent this session yet' },
  unknown: { label: 'only in store', title: 'Listed from its store: no request has used it since the development server started' },
}

/** How a session ended, in the list's words. */
export function endedLabel(ended: NonNullable<PanelSession['ended']>): string {
  return ended === 'gone' ? 'missing in the store' : ended
}

/** Finds sessions that contain every word of the query in their ids, names, users, keys or values. */
export function searchSessions(sessions: PanelSession[], query: string): PanelSession[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return sessions
  return sessions.filter((session) => {
    const text = searchText(session)
    return words.every(word => text.includes(word))
  })
}

const texts = new WeakMap<PanelSession, string>()

function searchText(session: PanelSession): string {
  let text = texts.get(session)
  if (text === undefined) {
    const parts = [session.id, session.handle, session.name, session.user, session.userId, session.transport, session.keeper, session.ended && endedLabel(session.ended), session.storage, session.deviceBound && 'device bound', session.userAgent, session.ip].map(part => part || '')
    if (session.data) collectText(session.data, parts)
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
