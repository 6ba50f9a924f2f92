import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { keyOf, observed, session, timelineOf } from './support/observed'

const USER = { ...session('b', { n: 1 }), userId: 'ada' }
const COOKIE = { attributes: 'Path=/', client: 'browser' }
/** A request that had read the session when the call came, and writes it later. */
const SLOW = { method: 'GET', path: '/slow', request: 'slow', startedAt: 1000, at: 3000, ...COOKIE }
const LOGIN: Partial<ObservedMessage> = { kind: 'regenerate', method: 'POST', path: '/login', request: 'login', startedAt: 2000, at: 2001, before: session('a', { n: 1 }), session: USER, ...COOKIE }
const LOGOUT: Partial<ObservedMessage> = { kind: 'clear', method: 'POST', path: '/logout', request: 'logout', startedAt: 2000, at: 2001, before: session('a', { n: 1 }), client: 'browser' }
const WRITE: Partial<ObservedMessage> = { ...SLOW, kind: 'update', before: session('a', { n: 1 }), session: session('a', { n: 1, w: 1 }) }
const DENIED: Partial<ObservedMessage> = { kind: 'deny', reason: 'SESSION_REQUIRED', explanation: 'Log in first.', path: '/me', startedAt: 4000, at: 4001, before: session('a', { n: 1, w: 1 }) }

describe('a new id that a running request undoes by a write with the old one', () => {
  it('is marked, and explains why the next request is denied', () => {
    const { inspector, find } = record(LOGIN, WRITE, DENIED)
    const by = { at: 3000, method: 'GET', path: '/slow', call: { method: 'POST', path: '/login' } }
    expect(find('b')).toMatchObject({ overwritten: by })
    expect(find('a')).toMatchObject({ ended: undefined })
    expect(timelineOf(inspector).at(-1)).toMatchObject({
      key: keyOf('a'), next: keyOf('b'),
      explanation: 'Log in first. POST /login gave the session a new id (ada), but GET /slow was running and wrote it with its old id. The cookie of that response has replaced the new one.',
    })
  })

  it('does not explain a request that was sent before the write', () => {
    expect(timelineOf(record(LOGIN, WRITE, { ...DENIED, startedAt: 2500 }).inspector).at(-1)!.explanation).toBe('Log in first.')
  })

  it('is not marked if the browser sends the new cookie later: the response with it was the last', () => {
    const { find, inspector } = record(LOGIN, WRITE, { session: USER, at: 5000, startedAt: 5000 }, { ...DENIED, at: 6000, startedAt: 6000 })
    expect(find('b')!.overwritten).toBeUndefined()
    expect(timelineOf(inspector).at(-1)!.explanation).toBe('Log in first.')
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['sets no cookie', { kind: 'load', attributes: undefined }],
    ['was sent after the response, with a copy of the cookie', { startedAt: 2500 }],
    ['gives it another new id', { kind: 'regenerate', session: session('c') }],
  ])('is not marked by a request that %s', (_, fields) => {
    expect(record(LOGIN, { ...WRITE, ...fields }).find('b')!.overwritten).toBeUndefined()
  })
})

describe('a clear() that a running request undoes by a write', () => {
  it('names that request, until the session is cleared again', () => {
    const { find, inspector } = record(LOGOUT, WRITE)
    const undone = { at: 2001, method: 'POST', path: '/logout', undoneBy: { method: 'GET', path: '/slow' } }
    expect(find('a')).toMatchObject({ ended: undefined, cleared: undone })
    inspector.record(observed({ session: session('a', { n: 1, w: 1 }), at: 4000, startedAt: 4000 }))
    expect(find('a'), 'a later request').toMatchObject({ ended: undefined, cleared: undone })
    inspector.record(observed({ ...LOGOUT, at: 5000, startedAt: 5000 }))
    expect(find('a')!.cleared).toEqual({ at: 5000, method: 'POST', path: '/logout' })
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['began after the logout was complete: a copy of the cookie', { startedAt: 2500 }],
    ['only read it with a copy of the cookie', { kind: 'load', attributes: undefined, startedAt: 2500 }],
  ])('is not undone by a request that %s', (_, fields) => {
    const { find } = record(LOGOUT, { ...WRITE, ...fields })
    expect(find('a')).toMatchObject({ ended: undefined, cleared: { path: '/logout' } })
    expect(find('a')!.cleared).not.toHaveProperty('undoneBy')
  })
})

describe('a running request whose browser leaves before the response', () => {
  const left = { type: 'sent' as const, request: 'slow', at: 2500, duration: 1500 }

  it.each([['before', true], ['after', false]])('undoes neither a logout nor a login if it leaves %s the write', (_, isBefore) => {
    const after = (call: Partial<ObservedMessage>) => {
      const { inspector, find } = record(call)
      if (isBefore) inspector.finish(left)
      inspector.record(observed(WRITE))
      if (!isBefore) inspector.finish(left)
      return find
    }
    expect(after(LOGOUT)('a')).toMatchObject({ ended: 'cleared', cleared: { at: 2001, method: 'POST', path: '/logout' } })
    expect(after(LOGOUT)('a')!.cleared).not.toHaveProperty('undoneBy')
    expect(after(LOGIN)('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
    expect(after(LOGIN)('b')!.overwritten).toBeUndefined()
  })
})

/** A cookie session after messages. The response to a login or logout is complete at 2010. */
function record(...messages: Partial<ObservedMessage>[]) {
  const inspector = new Inspector()
  inspector.record(observed({ ...SLOW, at: 1001, attributes: undefined, session: session('a', { n: 1 }) }))
  for (const message of messages) {
    inspector.record(observed(message))
    if (message.request !== undefined && message.request !== 'slow') inspector.finish({ type: 'sent', request: message.request, at: 2010, status: 200, duration: 10 })
  }
  return { inspector, find: (id: string) => inspector.find(keyOf(id)) }
}
