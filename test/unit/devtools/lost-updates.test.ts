import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage, SentReport } from '../../../src/runtime/server/devtools/messages'
import { observed, session, timelineOf } from './support/observed'

const read = (request: string, data: object, fields: Partial<ObservedMessage> = {}) => ({ request, session: session('a', { ...data }), ...fields })
const write = (request: string, before: object, after: object, fields: Partial<ObservedMessage> = {}) =>
  ({ request, kind: 'update' as const, before: session('a', { ...before }), session: session('a', { ...after }), ...fields })

describe('a lost update', () => {
  it('is a write whose request had read a cookie session before the previous write', () => {
    expect(lost(read('r1', { n: 0 }), read('r2', { n: 0 }), write('r1', { n: 0 }, { n: 0, cart: 1 }), write('r2', { n: 0 }, { n: 1 })))
      .toEqual([undefined, undefined, undefined, { seq: 3, keys: ['+cart'] }])
  })

  it('is found if the late read was reported after the write', () => {
    expect(lost(write('r1', {}, { n: 1 }), read('r2', {}), write('r2', {}, { m: 1 }))[2]).toEqual({ seq: 1, keys: ['+n'] })
  })

  it('is a write that brings back a session which had been cleared, or had got a new id', () => {
    expect(lost(write('r1', {}, { user: 1 }), { request: 'r2', kind: 'clear', before: session('a', { user: 1 }) }, write('r3', { user: 1 }, { user: 1, n: 1 }))[2]).toEqual({ seq: 2, keys: ['−user'] })
    expect(lost(write('r1', {}, { n: 1 }), write('r2', { n: 1 }, { n: 1, user: 1 }, { kind: 'regenerate', session: session('b', { n: 1, user: 1 }) }), write('r3', { n: 1 }, { n: 2 }))[2])
      .toEqual({ seq: 2, keys: ['+user'] })
  })

  it('names only the keys that it overwrites with another value', () => {
    expect(lost(write('r1', {}, { same: 5, n: 1 }), write('r2', {}, { same: 5 }))[1]).toEqual({ seq: 1, keys: ['+n'] })
    expect(lost(write('r1', { old: 1, n: 0 }, { n: 1 }), write('r2', { old: 1, n: 0 }, { n: 2 }))[1]).toEqual({ seq: 1, keys: ['~n'] })
  })

  it('is a write whose request began before the earlier response was complete, not one after it', () => {
    const logout: Partial<ObservedMessage> = { request: 'r2', kind: 'clear', before: session('a', { user: 1 }), at: 2000, startedAt: 1990 }
    const lostAt = (startedAt: number) => {
      const inspector = record(read('r1', { user: 1 }), logout, sent('r2', 2010, 1990), write('r3', { user: 1 }, { user: 1, n: 1 }, { at: 3000, startedAt }), sent('r3', 3010, startedAt))
      return timelineOf(inspector).at(-1)!.lost
    }
    expect(lostAt(2010)).toEqual({ seq: 2, keys: ['−user'] })
    expect(lostAt(2011), 'a copy of the cookie').toBeUndefined()
  })

  it.each<[string, boolean, Partial<ObservedMessage>]>([
    ['is one', true, {}],
    ['is none if a copy of the cookie is sent later', false, { startedAt: 5000 }],
    ['is none if another browser sends it', false, { client: 'other' }],
    ['is one of another URL if it arrives within 200 ms', true, { path: '/other', startedAt: 1200 }],
    ['is none of another URL, which does not wait', false, { path: '/other' }],
    ['is none of a POST, which does not wait', false, { method: 'POST' }],
  ])('of a parallel GET of the same URL, which a browser sends after the response but with its cookie from before, %s', (_, isLost, fields) => {
    const push = { path: '/push', client: 'browser' }
    const second = write('r2', {}, { list: [2] }, { ...push, at: 6000, startedAt: 1250, ...fields })
    const inspector = record(write('r1', {}, { list: [1] }, { ...push, startedAt: 900 }), sent('r1', 1000, 900), second, sent('r2', 6010, second.startedAt!))
    expect(timelineOf(inspector)[1]!.lost).toEqual(isLost ? { seq: 1, keys: ['+list'] } : undefined)
  })

  describe('is decided by the order of the responses', () => {
    const a = write('a', {}, { a: 1 })
    const b = write('b', {}, { b: 1 })
    const c = write('c', {}, { c: 1 })
    const marksOf = (...steps: Step[]) => timelineOf(record(...steps)).map(({ lost }) => lost)

    it('of which the last one overwrites, and none before both are complete', () => {
      expect(marksOf(a, b)).toEqual([undefined, undefined])
      expect(marksOf(a, b, sent('a'))).toEqual([undefined, undefined])
      expect(marksOf(a, b, sent('a'), sent('b'))).toEqual([undefined, { seq: 1, keys: ['+a'] }])
      expect(marksOf(a, b, sent('b'), sent('a'))).toEqual([{ seq: 2, keys: ['+b'] }, undefined])
    })

    it.each<[string, Step[]]>([
      ['its', [a, b, sent('a'), left('b')]],
      ['the other', [a, b, left('a'), sent('b')]],
      ['its, before it wrote', [a, { ...b, kind: 'load' }, sent('a'), left('b'), b]],
      ['the other, before it wrote', [{ ...a, kind: 'load' }, left('a'), a, b, sent('b')]],
    ])('and none if the browser left before the response: %s', (_, steps) => {
      expect(marksOf(...steps).filter(Boolean)).toEqual([])
    })

    it('without those that did not arrive', () => {
      expect(marksOf(a, b, c, sent('a'), left('b'), sent('c'))).toEqual([undefined, undefined, { seq: 1, keys: ['+a'] }])
    })

    it('of which an inner request has that of its outer one', () => {
      const inner = write('inner', {}, { b: 1 }, { answeredBy: 'page', startedAt: 2500, at: 2600, client: 'inner' })
      expect(marksOf(a, sent('a', 2010), inner, sent('inner', 2650, 2500), sent('page', 3000, 1000))).toEqual([undefined, { seq: 1, keys: ['+a'] }])
      expect(marksOf(a, sent('a', 2010), inner, sent('inner', 2650, 2500), left('page'))).toEqual([undefined, undefined])
      const own = write('page', {}, { p: 1 })
      expect(marksOf(own, inner, sent('inner', 2650, 2500), sent('page', 3000)), 'of its own page').toEqual([undefined, undefined])
    })

    it('also if a request reads the session again after its write', () => {
      expect(marksOf(a, b, { ...b, kind: 'load', attributes: 'Path=/' }, sent('a'), sent('b'))).toEqual([undefined, { seq: 1, keys: ['+a'] }, undefined])
    })

    it('also if an inner request reads the session after the headers of its page', () => {
      const late = read('inner', { a: 1 }, { answeredBy: 'a', attributes: 'Path=/', at: 2600 })
      const last = write('c', { a: 1 }, { a: 1, c: 1 }, { startedAt: 2200, at: 2700 })
      expect(marksOf(a, b, sent('a', 2010), sent('b', 2500), late, last, sent('c', 3000, 2200)).at(-1)).toMatchObject({ seq: 2 })
    })

    it('also if one request wrote twice, by the data that it had read', () => {
      expect(marksOf(a, b, write('b', { b: 1 }, { b: 2 }), sent('a'), sent('b'))).toEqual([undefined, undefined, { seq: 1, keys: ['+a'] }])
    })
  })

  it('is none of another browser, which has a copy of the cookie', () => {
    expect(lost(write('r1', {}, { n: 1 }, { client: 'browser' }), write('r2', {}, { m: 1 }, { client: 'curl' }))[1]).toBeUndefined()
  })

  it.each([['earlier', ['r1', 'r2']], ['last', ['r2', 'r1']]])('is none if the data of one of the writes is no longer kept: the %s', (_, order) => {
    const long = 'x'.repeat(11_000_000)
    const others = ['b', 'c', 'd'].map(id => ({ kind: 'create' as const, request: id, session: session(id, { long }) }))
    const inspector = record(write('r1', {}, { n: 1 }), ...others, write('r2', {}, { n: 1, m: 1 }), ...order.map(request => sent(request)))
    expect(timelineOf(inspector).flatMap(event => event.lost ?? event.sameChange ?? [])).toEqual([])
  })

  it('is also one of flash data', () => {
    const flashed = (flash?: Record<string, string>) => ({ ...session('a'), flash })
    const events = eventsOf(
      { kind: 'update', request: 'r1', before: flashed(), session: flashed({ message: 'Saved.' }) },
      { kind: 'update', request: 'r2', before: flashed(), session: { ...session('a', { n: 1 }) } },
    )
    expect(events.map(({ changes, lost }) => [changes, lost])).toEqual([[['+flash.message'], undefined], [['+n'], { seq: 1, keys: ['+flash.message'] }]])
  })

  it('is also one by a read that renews the cookie', () => {
    const renewal = read('r2', {}, { kind: 'renew', attributes: 'Path=/' })
    const inspector = record(read('r2', {}), write('r1', {}, { n: 1 }), renewal, sent('r1'), sent('r2'))
    expect(timelineOf(inspector).map(event => event.lost)).toEqual([{ seq: 2, keys: ['+n'] }, undefined])
    const reverse = record(read('r2', {}), renewal, write('r1', {}, { n: 1 }), sent('r2'), sent('r1'))
    expect(timelineOf(reverse).map(event => event.lost), 'the write comes last').toEqual([undefined, undefined])
    const between = record(read('r1', {}), write('r2', {}, { n: 1 }), sent('r2'), read('r3', { n: 1 }, { kind: 'renew', attributes: 'Path=/' }), sent('r3'), write('r1', {}, { m: 1 }), sent('r1', 3000))
    expect(timelineOf(between).map(event => event.lost), 'of a write that a renewal has sent again').toEqual([undefined, { seq: 2, keys: ['+n'] }, undefined])
  })

  it.each<[string, Partial<ObservedMessage>[]]>([
    ['a write of the same value', [write('r1', {}, { same: 5 }), write('r2', {}, { same: 5 })]],
    ['a write after the previous one', [write('r1', {}, { n: 1 }), write('r2', { n: 1 }, { n: 2 })]],
    ['several writes of one request', [write('r1', {}, { n: 1 }), write('r1', {}, { n: 2 })]],
    ['a stored session, which is written by compare-and-set', [write('r1', {}, { n: 1 }, { storage: 'kept' }), write('r2', {}, { n: 1, m: 1 }, { storage: 'kept' })]],
    ['the first known write', [read('r1', {}), write('r2', { n: 7 }, { n: 8 })]],
    ['a write after a renewal in which a hook has written', [write('r1', {}, { n: 1 }), read('r2', { n: 2 }, { kind: 'renew' }), write('r3', { n: 2 }, { n: 3 })]],
    ['a session of h3\'s own functions, which do not report what they read', [write('r1', {}, { n: 1 }, { keeper: 'h3' }), write('r2', {}, { n: 2 }, { keeper: 'h3' })]],
    ['data that is too large to copy', [write('r1', {}, {}, { session: { ...session('a'), isCut: true } }), write('r2', { n: 1 }, { n: 2 })]],
  ])('is not %s', (_, messages) => {
    expect(lost(...messages).filter(Boolean)).toEqual([])
  })
})

describe('the same change of a number by parallel requests', () => {
  it('may be a count that is lost, from an equal value to an equal value', () => {
    const [first, second, third] = eventsOf(write('r1', {}, { n: 1 }), write('r2', {}, { n: 1 }), write('r3', {}, { n: 1 }))
    expect(first!.sameChange).toBeUndefined()
    expect(second).toMatchObject({ lost: undefined, sameChange: { seq: 1, keys: ['+n'] } })
    expect(third!.sameChange).toEqual({ seq: 2, keys: ['+n'] })
    expect(eventsOf(write('r1', { n: 4 }, { n: 5, m: 1 }), write('r2', { n: 4 }, { n: 5 }))[1], 'beside a lost update').toMatchObject({ lost: { keys: ['+m'] }, sameChange: { keys: ['~n'] } })
  })

  it.each<[string, Partial<ObservedMessage>[]]>([
    ['text, which is no count', [write('r1', {}, { n: 'a' }), write('r2', {}, { n: 'a' })]],
    ['another value, which is a lost update', [write('r1', { n: 1 }, { n: 2 }), write('r2', { n: 1 }, { n: 3 })]],
    ['a value that the second request has not changed', [write('r1', { n: 1 }, { n: 2 }), write('r2', { n: 2, m: 1 }, { n: 2, m: 2 })]],
    ['one after the other', [write('r1', { n: 1 }, { n: 2 }), write('r2', { n: 2 }, { n: 3 })]],
    ['from another value', [write('r1', { n: 1 }, { n: 2 }), write('r2', { n: 0 }, { n: 2 })]],
    ['a stored session', [write('r1', {}, { n: 1 }, { storage: 'kept' }), write('r2', {}, { n: 1 }, { storage: 'kept' })]],
  ])('is not %s', (_, messages) => {
    expect(eventsOf(...messages)[1]!.sameChange).toBeUndefined()
  })

  it('is none if the browser left before the response', () => {
    const inspector = record(write('r1', {}, { n: 1 }), write('r2', {}, { n: 1 }), left('r1'), sent('r2'))
    expect(timelineOf(inspector)[1]!.sameChange).toBeUndefined()
  })
})

type Step = Partial<ObservedMessage> | SentReport

/** The response to a request is complete. */
function sent(request: string, at = 2000, startedAt = 1000): SentReport {
  return { type: 'sent', request, at, duration: at - startedAt, status: 200 }
}

/** The browser has left before the response. */
function left(request: string): SentReport {
  return { ...sent(request), status: undefined }
}

function lost(...messages: Partial<ObservedMessage>[]) {
  return eventsOf(...messages).map(event => event.lost)
}

/** The events of requests whose responses are complete in the order of their first message. */
function eventsOf(...messages: Partial<ObservedMessage>[]) {
  const requests = new Set(messages.map(({ request }) => request!))
  return timelineOf(record(...messages, ...[...requests].map(id => sent(id))))
}

function record(...steps: Step[]) {
  const inspector = new Inspector()
  for (const step of steps) {
    if (step.type === 'sent') inspector.finish(step)
    else inspector.record(observed(step))
  }
  return inspector
}
