import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
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
    const writeAt = (startedAt: number) => write('r3', { user: 1 }, { user: 1, n: 1 }, { at: 3000, startedAt })
    const lostAt = (startedAt: number) => {
      const inspector = new Inspector()
      inspector.record(observed(write('r1', {}, { user: 1 })))
      inspector.record(observed(logout))
      inspector.finish({ type: 'sent', request: 'r2', at: 2010, status: 204, duration: 20 })
      inspector.record(observed(writeAt(startedAt)))
      return timelineOf(inspector).at(-1)!.lost
    }
    expect(lostAt(2010)).toEqual({ seq: 2, keys: ['−user'] })
    expect(lostAt(2011), 'a copy of the cookie').toBeUndefined()
  })

  it.each<[string, boolean, Partial<ObservedMessage>]>([
    ['is one', true, {}],
    ['is none if a copy of the cookie is sent later', false, { startedAt: 5000 }],
    ['is none if another browser sends it', false, { client: 'other' }],
    ['is none of another URL, which does not wait', false, { path: '/other' }],
    ['is none of a POST, which does not wait', false, { method: 'POST' }],
  ])('of a parallel GET of the same URL, which a browser sends after the response but with its cookie from before, %s', (_, isLost, fields) => {
    const push = { path: '/push', client: 'browser' }
    const inspector = new Inspector()
    inspector.record(observed(write('r1', {}, { list: [1] }, { ...push, startedAt: 900 })))
    inspector.finish({ type: 'sent', request: 'r1', at: 1000, status: 200, duration: 100 })
    inspector.record(observed(write('r2', {}, { list: [2] }, { ...push, at: 6000, startedAt: 1005, ...fields })))
    expect(timelineOf(inspector)[1]!.lost).toEqual(isLost ? { seq: 1, keys: ['+list'] } : undefined)
  })

  describe('is none if the browser left before a response, whose cookie it then does not have', () => {
    const first = observed(write('first', {}, { n: 1 }))
    const second = observed(write('second', {}, { m: 1 }))
    const left = (request: string) => ({ type: 'sent' as const, request, at: 1000, duration: 10 })
    const lostIn = (steps: (inspector: Inspector) => void) => {
      const inspector = new Inspector()
      inspector.record(observed(read('first', {})))
      inspector.record(observed(read('second', {})))
      steps(inspector)
      return timelineOf(inspector).flatMap(({ lost }) => lost ?? [])
    }

    it.each([['first'], ['second']])('of the %s', (request) => {
      const before = lostIn((inspector) => {
        if (request === 'first') inspector.finish(left(request))
        inspector.record(first)
        if (request === 'second') inspector.finish(left(request))
        inspector.record(second)
      })
      expect(before, 'before its write').toEqual([])
      const after = lostIn((inspector) => {
        inspector.record(first)
        inspector.record(second)
        inspector.finish(left(request))
      })
      expect(after, 'after its write').toEqual([])
    })

    it('and the write before is compared with the next one', () => {
      const lost = lostIn((inspector) => {
        inspector.record(first)
        inspector.record(observed(read('cut', {})))
        inspector.finish(left('cut'))
        inspector.record(observed(write('cut', {}, { cut: 1 })))
        inspector.record(second)
      })
      expect(lost).toEqual([{ seq: 3, keys: ['+n'] }])
    })
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
    const inspector = record(write('r1', {}, { n: 1 }), write('r2', {}, { n: 1 }))
    inspector.finish({ type: 'sent', request: 'r1', at: 1000, duration: 10 })
    expect(timelineOf(inspector)[1]!.sameChange).toBeUndefined()
  })
})

function lost(...messages: Partial<ObservedMessage>[]) {
  return eventsOf(...messages).map(event => event.lost)
}

function eventsOf(...messages: Partial<ObservedMessage>[]) {
  return timelineOf(record(...messages))
}

function record(...messages: Partial<ObservedMessage>[]) {
  const inspector = new Inspector()
  for (const message of messages) inspector.record(observed(message))
  return inspector
}
