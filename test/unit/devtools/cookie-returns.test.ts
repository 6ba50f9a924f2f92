import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { keyOf, listOf, observed, session } from './support/observed'

describe('a cookie that never came back', () => {
  it('is one that the next request of its browser lacks, whatever that request does', () => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ kind: 'deny', transport: 'none', path: '/api/members', startedAt: 1000 }, 1010)
    expect(unreturned()).toEqual({ a: 'GET /api/members' })
    send({ ...created('b'), startedAt: 2000 }, 2010)
    send({ ...created('c'), path: '/again', startedAt: 3000 }, 3010)
    expect(unreturned()).toEqual({ a: 'GET /api/members', b: 'GET /again', c: undefined })
  })

  it.each([0, 20, 60])('is one that a request %i ms after the response lacks', (delay) => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ kind: 'deny', transport: 'none', path: '/api/me', startedAt: 10 + delay }, 200)
    expect(unreturned()).toEqual({ a: 'GET /api/me' })
  })

  it('is not one of the many requests of a first visit, of which each sets another cookie, if one comes back', () => {
    const { inspector, send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ ...created('b'), startedAt: 211 }, 220)
    send({ ...created('c'), startedAt: 421 }, 430)
    expect(unreturned()).toEqual({ a: 'GET /', b: 'GET /', c: undefined })
    inspector.markReturned([keyOf('c')])
    expect(unreturned()).toEqual({ a: undefined, b: undefined, c: undefined })
    expect(listOf(inspector).filter(each => each.overwritten), 'none was running in parallel').toEqual([])
  })

  it('is not one that the browser has replaced by that of a parallel response', () => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ ...created('b'), startedAt: 1 }, 11)
    send({ session: session('a'), transport: 'cookie', startedAt: 1000 }, 1010)
    send({ kind: 'absent', transport: 'none', startedAt: 2000 }, 2010)
    expect(unreturned(), 'after a logout').toEqual({ a: undefined, b: undefined })
  })

  it('is one that a parallel response with another session has replaced, if that one comes back', () => {
    const { send, inspector, mark } = setUp()
    send({ ...created('a'), path: '/fast', startedAt: 0 }, 10)
    send({ ...created('b'), path: '/slow', startedAt: 1 }, 30)
    const overwritten = () => mark('a').overwritten
    expect(overwritten()).toBeUndefined()
    send({ session: session('b'), transport: 'cookie', startedAt: 1000 }, 1010)
    expect(overwritten()).toEqual({ kind: 'other session', at: 30, method: 'GET', path: '/slow' })
    send({ session: session('a'), transport: 'cookie', startedAt: 2000 }, 2010)
    expect(overwritten(), 'a private window has it').toBeUndefined()
    send({ ...created('c'), startedAt: 3000 }, 3010)
    send({ session: session('b'), transport: 'cookie', startedAt: 4000 }, 4010)
    expect(listOf(inspector).filter(each => each.overwritten), 'one that began later').toEqual([])
  })

  it('was not replaced in parallel if it had come back before the other request, however soon', () => {
    const { inspector, send } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ session: session('a'), transport: 'cookie', startedAt: 20 }, 21)
    send({ ...created('b'), transport: 'cookie', before: undefined, startedAt: 30 }, 40)
    send({ session: session('b'), transport: 'cookie', startedAt: 1000 }, 1010)
    expect(listOf(inspector).filter(each => each.overwritten)).toEqual([])
  })

  it('was replaced, also if the panel sees the other cookie first, and after it had come back once', () => {
    const { inspector, send, mark } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    inspector.record(observed({ ...created('b'), client: 'browser', path: '/slow', request: 'slow', startedAt: 1 }))
    send({ session: session('a'), transport: 'cookie', startedAt: 20 }, 21)
    inspector.markReturned([keyOf('a')])
    inspector.finish({ type: 'sent', request: 'slow', at: 300, status: 200, duration: 299 })
    inspector.markReturned([keyOf('a')])
    expect(mark('a').overwritten, 'a poll from before').toBeUndefined()
    const { cursor } = inspector.changesSince()
    inspector.markReturned([keyOf('b')])
    expect(mark('a').overwritten).toMatchObject({ path: '/slow' })
    expect(inspector.changesSince(cursor).sessions).toMatchObject([{ id: 'a' }])
  })

  it('is found for all sessions of parallel responses, until one of them comes back, or a later one', () => {
    const { send, mark } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ ...created('b'), path: '/slow', startedAt: 1 }, 12)
    send({ kind: 'absent', transport: 'none', path: '/lacks', startedAt: 100 }, 110)
    expect([mark('a').unreturned, mark('b').unreturned]).toEqual(['GET /lacks', 'GET /lacks'])
    send({ session: session('b'), transport: 'cookie', startedAt: 200 }, 210)
    expect([mark('a').unreturned, mark('b').unreturned, mark('a').overwritten?.path]).toEqual([undefined, undefined, '/slow'])
  })

  it.each(['a', 'b'])('is found although its request has written %s after the response', (id) => {
    const { inspector, send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0, request: 'late' }, 10)
    inspector.record(observed({ ...created(id), kind: 'update', client: 'browser', request: 'late', startedAt: 0, at: 500 }))
    send({ kind: 'absent', transport: 'none', startedAt: 1000 }, 1010)
    expect(unreturned().a).toBe('GET /')
  })

  it('is found in a request without any session', () => {
    const { inspector, send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    const { cursor } = inspector.changesSince()
    inspector.record(observed({ client: 'browser', request: 'r2', kind: 'absent', transport: 'none', lacksCookie: true, path: '/shop', startedAt: 1000 }))
    expect(unreturned()).toEqual({ a: 'GET /shop' })
    expect(inspector.changesSince(cursor)).toMatchObject({ sessions: [{ id: 'a', unreturned: 'GET /shop' }], requests: [] })
    const { seq } = inspector
    inspector.record(observed({ client: 'browser', request: 'r3', kind: 'absent', transport: 'none', lacksCookie: true, startedAt: 2000 }))
    expect(inspector.seq, 'other requests without a session change nothing').toBe(seq)
  })

  it('is not one that its own response has removed again', () => {
    const { inspector, send, unreturned } = setUp()
    inspector.record(observed({ ...created('a'), client: 'browser', request: 'both', startedAt: 0 }))
    inspector.record(observed({ kind: 'clear', transport: 'none', before: session('a'), client: 'browser', request: 'both', startedAt: 0 }))
    inspector.finish({ type: 'sent', request: 'both', at: 10, status: 200, duration: 1 })
    send({ kind: 'absent', transport: 'none', startedAt: 1000 }, 1010)
    expect(unreturned()).toEqual({ a: undefined })
  })

  it('comes back after all if the browser sends it later', () => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ kind: 'deny', transport: 'none', startedAt: 1000 }, 1010)
    send({ session: session('a'), transport: 'cookie', startedAt: 2000 }, 2010)
    expect(unreturned()).toEqual({ a: undefined })
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['that is rejected', { kind: 'reject', reason: 'idle' }],
    ['and fails before it reads the session', { kind: 'fail', reason: 'SESSION_CONFIG_INVALID' }],
  ])('comes back in a request %s', (_, message) => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ ...message, tokenHash: 'a', startedAt: 1000 }, 1010)
    send({ kind: 'absent', transport: 'none', startedAt: 2000 }, 2010)
    expect(unreturned(), 'a later request without it').toEqual({ a: undefined })
    send({ ...created('b'), startedAt: 3000 }, 3010)
    send({ kind: 'absent', transport: 'none', startedAt: 4000 }, 4010)
    expect(unreturned().b).toBe('GET /')
    send({ ...message, tokenHash: 'b', startedAt: 5000 }, 5010)
    expect(unreturned().b, 'after all').toBeUndefined()
  })

  it('comes back in a request of the panel, which gets the change', () => {
    const { inspector, send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send({ kind: 'absent', transport: 'none', startedAt: 1000 }, 1010)
    const { cursor } = inspector.changesSince()
    inspector.markReturned([keyOf('a')])
    expect(unreturned()).toEqual({ a: undefined })
    expect(inspector.changesSince(cursor).sessions).toMatchObject([{ id: 'a' }])
    const { seq } = inspector
    inspector.markReturned([keyOf('a')])
    expect(inspector.seq, 'nothing changes twice').toBe(seq)
    send({ ...created('b'), startedAt: 2000 }, 2010)
    inspector.markReturned([keyOf('b')])
    send({ kind: 'absent', transport: 'none', startedAt: 3000 }, 3010)
    expect(unreturned().b, 'a request after the cookies were cleared').toBeUndefined()
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['fails before anything looks at its cookies', { kind: 'fail', transport: 'none', lacksCookie: undefined, startedAt: 1000 }],
    ['sends it', { session: session('a'), transport: 'cookie', startedAt: 1000 }],
    ['is of another browser', { kind: 'deny', transport: 'none', client: 'another', startedAt: 1000 }],
    ['uses a session of another name', { kind: 'deny', transport: 'none', name: 'cart', startedAt: 1000 }],
    ['began before the browser had it', { kind: 'deny', transport: 'none', startedAt: 9 }],
    ['sends the session in a header', { session: session('b'), transport: 'header', startedAt: 1000 }],
    ['is of the panel', { kind: 'deny', transport: 'none', client: undefined, startedAt: 1000 }],
  ])('is not one whose next request %s', (_, message) => {
    const { send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0 }, 10)
    send(message, 1010)
    expect(unreturned().a).toBeUndefined()
  })

  it('is not one whose browser left before the response', () => {
    const { inspector, send, unreturned } = setUp()
    inspector.record(observed({ ...created('a'), client: 'browser', request: 'left', startedAt: 0 }))
    inspector.finish({ type: 'sent', request: 'left', at: 10, duration: 10 })
    send({ kind: 'deny', transport: 'none', startedAt: 1000 }, 1010)
    expect(unreturned()).toEqual({ a: undefined })
    expect(inspector.changesSince().requests[0]).toMatchObject({ status: undefined, duration: 10 })
  })

  it('is not one that an inner request has set, before the response to its outer request', () => {
    const { inspector, send, unreturned } = setUp()
    send({ ...created('a'), startedAt: 0, answeredBy: 'page' }, 10)
    send({ kind: 'deny', transport: 'none', startedAt: 1000 }, 1010)
    expect(unreturned()).toEqual({ a: undefined })
    inspector.finish({ type: 'sent', request: 'page', at: 2000, status: 200, duration: 2000 })
    send({ kind: 'deny', transport: 'none', startedAt: 3000 }, 3010)
    expect(unreturned()).toEqual({ a: 'GET /' })
  })

  it('is not one of a request that goes on', () => {
    const { inspector, send, unreturned } = setUp()
    inspector.record(observed({ ...created('a'), client: 'browser', request: 'slow', startedAt: 0 }))
    send({ kind: 'deny', transport: 'none', startedAt: 1000 }, 1010)
    expect(unreturned()).toEqual({ a: undefined })
  })
})

/** A session that a response sends to a browser without one. */
function created(id: string): Partial<ObservedMessage> {
  return { kind: 'create', transport: 'none', session: session(id), attributes: 'Path=/', tokenHash: id }
}

function setUp() {
  const inspector = new Inspector()
  let requests = 0
  return {
    inspector,
    /** A request with one event, whose response is complete at `sentAt`. */
    send(message: Partial<ObservedMessage>, sentAt: number) {
      const { request = `r${++requests}` } = message
      inspector.record(observed({ client: 'browser', ...message.transport === 'none' && { lacksCookie: true }, ...message, request }))
      inspector.finish({ type: 'sent', request, at: sentAt, status: 200, duration: sentAt - (message.startedAt ?? sentAt) })
    },
    mark: (id: string) => listOf(inspector).find(({ key }) => key === keyOf(id))!,
    unreturned: () => Object.fromEntries(listOf(inspector).map(({ key, unreturned }) => [['a', 'b', 'c'].find(id => key === keyOf(id)), unreturned])),
  }
}
