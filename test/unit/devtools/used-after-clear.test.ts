import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { keyOf, observed, session } from './support/observed'

/** Two writes of a cookie session, and its end. */
const LOGIN: Partial<ObservedMessage> = { kind: 'create', transport: 'none', method: 'POST', path: '/login', at: 1000, session: session('a', { n: 1, public: {} }), tokenHash: 'first' }
const WRITE: Partial<ObservedMessage> = { kind: 'update', method: 'POST', path: '/n', at: 2000, before: session('a', { n: 1, public: {} }), session: session('a', { n: 2, public: {} }), tokenHash: 'second' }
const LOGOUT: Partial<ObservedMessage> = { kind: 'clear', method: 'POST', path: '/logout', at: 3000, before: session('a', { n: 2, public: {} }) }
const CLEARED = { at: 3000, method: 'POST', path: '/logout' }

describe('a cookie session that is used after clear()', () => {
  it('has not ended, and names the call that cleared it', () => {
    expect(after()).toMatchObject({ ended: 'cleared', cleared: CLEARED })
    expect(after({ at: 4000, session: session('a', { n: 2, public: {} }), tokenHash: 'second' })).toMatchObject({ ended: undefined, cleared: CLEARED })
  })

  it('stays ended if a request that began before reports its read later', () => {
    expect(after({ at: 3001, startedAt: 2990, session: session('a', { n: 2, public: {} }), tokenHash: 'second' })).toMatchObject({ ended: 'cleared' })
    const update = { ...WRITE, at: 3001, startedAt: 2990, tokenHash: 'third' }
    expect(after(update), 'its write counts when its response is complete').toMatchObject({ ended: 'cleared', cleared: CLEARED })
  })

  it.each<[string, Record<string, unknown>, string, Record<string, string>]>([
    ['last', { n: 2, public: {} }, 'second', { n: '/n', public: '/login' }],
    ['first', { n: 1, public: {} }, 'first', { n: '/login', public: '/login' }],
    ['unknown', { n: 0, public: {} }, 'unknown', {}],
  ])('has the writers of the %s seal', (_, data, tokenHash, writers) => {
    const { writers: known } = after({ at: 4000, session: session('a', data), tokenHash })
    expect(Object.fromEntries(known!.map(({ key, path }) => [key, path]))).toEqual(writers)
  })

  it('goes on with the writers of its seal', () => {
    const { writers } = after(
      { at: 4000, session: session('a', { n: 1, public: {} }), tokenHash: 'first' },
      { kind: 'renew', at: 4001, session: session('a', { n: 1, public: {} }), tokenHash: 'renewed' },
      { kind: 'update', path: '/m', at: 4002, before: session('a', { n: 1, public: {} }), session: session('a', { n: 1, m: 1, public: {} }), tokenHash: 'third' },
    )
    expect(writers!.map(({ key, path }) => [key, path])).toEqual([['n', '/login'], ['public', '/login'], ['m', '/m']])
  })
})

/** The session after more messages. */
function after(...messages: Partial<ObservedMessage>[]) {
  const inspector = new Inspector()
  for (const message of [LOGIN, WRITE, LOGOUT, ...messages]) inspector.record(observed(message))
  return inspector.find(keyOf('a'))!
}
