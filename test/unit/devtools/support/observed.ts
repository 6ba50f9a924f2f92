import { createHash } from 'node:crypto'
import type { Inspector } from '../../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../../src/runtime/server/devtools/messages'

/** A message of the worker, by default of a cookie session. */
export function observed(message: Partial<ObservedMessage>): ObservedMessage {
  return { type: 'observed', kind: 'load', at: 1000, method: 'GET', path: '/', keeper: 'module', transport: 'cookie', name: 'h3', ...message }
}

/** SHA-256 of an id. */
export function handleOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}

/** The panel's key of a session. */
export function keyOf(id: string, name = 'h3'): string {
  return `${name}:${handleOf(id)}`
}

/** A session as its store reports it. */
export function stored(id: string, overrides: Partial<ObservedMessage> = {}): ObservedMessage {
  const session = { createdAt: 500, lastSeenAt: 800, data: {} }
  return observed({ transport: 'unknown', storage: 'kept', handle: handleOf(id), session, expiresAt: 9000, recordBytes: 120, ...overrides })
}

/** All sessions, the last used first, and whether they are the browser's own. */
export function listOf(inspector: Inspector, cookie = '', own: { name: string, handle: string }[] = []) {
  const current = inspector.own.keys(cookie, ['h3', 'cart'], own)
  return inspector.changesSince().sessions.map(item => ({ ...item, isCurrent: current.includes(item.key) })).toSorted((a, b) => b.lastUsedAt - a.lastUsedAt)
}

export function session(id: string, data: Record<string, unknown> = {}) {
  return { id, createdAt: 500, data }
}

/** The events of all requests. */
export function timelineOf(inspector: Inspector) {
  return inspector.requests.all().flatMap(({ events }) => events)
}
