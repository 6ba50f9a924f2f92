import { describe, expect, it } from 'vitest'
import { OTHER_PASSWORD, PASSWORD_CHANGED } from '../../src/devtools/explain'
import { MAX_WRITTEN_KEYS } from '../../src/devtools/protocol'
import type { InspectedRequest, StateResponse } from '../../src/devtools/protocol'
import { applyResponse, expireSessions, forgetEnded } from '../src/lib/apply-response'
import type { PanelState } from '../src/lib/state'
import { response } from './response'
import { request, session } from './session'

describe('applyResponse', () => {
  it('adds and replaces what the response contains, and keeps the other objects', () => {
    const first = applyResponse(undefined, response({ isComplete: true, sessions: [item('a'), item('b')], requests: [request([{ seq: 1 }])] }), 0)
    const second = applyResponse(first, response({ sessions: [item('b', { lastUsedAt: 9 }), item('c')], removed: ['x'], requests: [request([{ seq: 2 }])] }), 0)
    expect(second.sessions.map(({ key, lastUsedAt }) => [key, lastUsedAt])).toEqual([['a', 0], ['b', 9], ['c', 0]])
    expect(second.sessions[0]).toBe(first.sessions[0])
    expect(second.requests.map(({ id }) => id)).toEqual(['r1', 'r2'])
    expect(second.requests[0]).toBe(first.requests[0])
    const third = applyResponse(second, response({ removed: ['a'], requests: [request([{ seq: 1 }, { seq: 3 }], { status: 200 })] }), 0)
    expect(third.sessions.map(({ key }) => key)).toEqual(['b', 'c'])
    expect(third.requests.map(({ status, events }) => [status, events.length])).toEqual([[200, 2], [undefined, 1]])
  })

  it('keeps the data of a session that comes without it', () => {
    const first = applyResponse(undefined, response({ isComplete: true, sessions: [item('a', { data: { n: 1 }, flash: { m: 2 } }), item('b', { data: { n: 1 } })] }), 0)
    const second = applyResponse(first, response({ sessions: [item('a', { data: undefined, hasSameData: true, lastUsedAt: 9 }), item('b', { data: undefined }), item('c', { data: undefined, hasSameData: true })] }), 0)
    expect(second.sessions.map(({ data, flash, lastUsedAt }) => ({ data, flash, lastUsedAt }))).toEqual([
      { data: { n: 1 }, flash: { m: 2 }, lastUsedAt: 9 }, { data: undefined, flash: undefined, lastUsedAt: 0 }, { data: undefined, flash: undefined, lastUsedAt: 0 },
    ])
    expect(second.sessions.some(session => 'hasSameData' in session)).toBe(false)
  })

  it('replaces everything by a complete response', () => {
    const first = applyResponse(undefined, response({ isComplete: true, sessions: [item('a')], requests: [request([{ seq: 1 }])] }), 0)
    expect(applyResponse(first, response({ isComplete: true, sessions: [item('b')] }), 0)).toMatchObject({ sessions: [{ key: 'b' }], requests: [] })
  })

  it('marks this browser\'s sessions that have not ended', () => {
    const first = applyResponse(undefined, response({ isComplete: true, sessions: [item('a'), item('b', { ended: 'cleared' })], current: ['a', 'b'] }), 0)
    expect(first.sessions.map(({ isCurrent }) => isCurrent)).toEqual([true, false])
    expect(applyResponse(first, response({ current: [] }), 0).sessions.map(({ isCurrent }) => isCurrent)).toEqual([false, false])
  })
})

it('marks a session whose cookie this browser does not send any more, until it is sent again', () => {
  let state = applyResponse(undefined, response({ isComplete: true, sessions: [item('a'), item('b')], current: ['a'] }), 0)
  const isLost = (overrides: Partial<StateResponse>) => {
    state = applyResponse(state, response(overrides), 0)
    return state.sessions.map(session => Boolean(session.isLost))
  }
  expect(isLost({ current: [] })).toEqual([true, false])
  expect(isLost({ current: [] })).toEqual([true, false])
  expect(isLost({ current: ['a'] })).toEqual([false, false])
  expect(isLost({ current: [], sessions: [item('a', { ended: 'cleared' })] })).toEqual([false, false])
})

it('marks a session whose cookie DevTools has replaced, but not one that the app has replaced', () => {
  const created = (method: string, kind: 'create' | 'load' = 'create') => request([{ kind, key: 'b' }], { method })
  const after = (requests: StateResponse['requests']) => {
    const first = applyResponse(undefined, response({ isComplete: true, sessions: [item('a'), item('other', { name: 'cart' })], current: ['a', 'other'] }), 0)
    return applyResponse(first, response({ sessions: [item('b')], requests, current: ['b'] }), 0)
  }
  const marks = ({ sessions }: PanelState) => sessions.map(({ key, isLost, isReplaced }) => [key, isLost, isReplaced])
  const replaced = after([created('DevTools')])
  expect(marks(replaced)).toEqual([['a', true, true], ['other', true, undefined], ['b', undefined, undefined]])
  expect(marks(after([created('POST'), created('DevTools', 'load')]))[0]).toEqual(['a', true, undefined])
  const complete = response({ isComplete: true, sessions: [item('a'), item('other', { name: 'cart' }), item('b')], current: ['b'] })
  expect(marks(applyResponse(replaced, complete, 0)), 'after a reload of the page').toEqual(marks(replaced))
  const later = applyResponse(replaced, response({ current: [] }), 0)
  expect(marks(later), 'the new session is lost too').toEqual([['a', true, true], ['other', true, undefined], ['b', true, undefined]])
  expect(later.sessions[0]).toBe(replaced.sessions[0])
  expect(marks(applyResponse(later, response({ current: ['a'] }), 0))[0], 'its cookie is back').toEqual(['a', undefined, undefined])
})

it('keeps the seals of a stored session that a restarted server cannot open with its new password', () => {
  const item = (overrides: object) => ({ ...session({ key: 'a', storage: 'kept' }), ...overrides })
  const first = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item({ seals: ['one'], user: 'Ada' })] }), 0)
  const rejected = { ...request([{ kind: 'reject', key: undefined, name: 'main', token: 'one' }]), id: 'r1' }
  const second = applyResponse(first, response({ cursor: 'two.1', isComplete: true, sessions: [item({ user: 'Ada' })], requests: [rejected] }), 0)
  expect(second.requests.at(-1)!.events[0]).toMatchObject({ key: 'a', user: 'Ada' })
})

it('keeps them through a reload of the page, with the mark of the token that was rejected', () => {
  const item = (overrides: object = {}) => ({ ...session({ key: 'a', storage: 'kept', user: 'Ada' }), ...overrides })
  const first = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item({ seals: ['one'] })], current: ['a'] }), 0)
  const restarted = response({ cursor: 'two.1', isComplete: true, sessions: [item()] })
  const rejected = { ...request([{ kind: 'reject', key: undefined, name: 'main', token: 'one', reason: 'tampered', explanation: OTHER_PASSWORD }]), id: 'r1' }
  const later = response({ cursor: 'two.2', isComplete: true, sessions: [item()], requests: [rejected] })
  let state = applyResponse(first, restarted, 0)
  for (const next of [later, { ...later, requests: [] }]) {
    state = applyResponse(state, next, 0)
    expect(state.sessions).toMatchObject([{ rejected: { explanation: PASSWORD_CHANGED } }])
    expect(state.sessions[0]).not.toMatchObject({ isLost: true })
  }
})

const write = (key: string, path: string) => ({ key, path, at: 1, method: 'POST' })

it('takes a writer back if the server does', () => {
  const first = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item('a', { writers: [write('n', '/n'), write('m', '/aborted')] })] }), 0)
  const second = applyResponse(first, response({ cursor: 'one.2', sessions: [item('a', { writers: [write('n', '/n')] })] }), 0)
  expect(second.sessions[0]!.writers!.map(({ key }) => key)).toEqual(['n'])
})

it('keeps the last writers of keys that a restarted server has not seen', () => {
  const first = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item('a', { writers: [write('n', '/old'), write('m', '/old')] })] }), 0)
  const second = applyResponse(first, response({ cursor: 'two.1', isComplete: true, sessions: [item('a', { writers: [write('n', '/new')] })] }), 0)
  expect(second.sessions[0]!.writers!.map(({ key, path }) => [key, path])).toEqual([['m', '/old'], ['n', '/new']])
  const many = Array.from({ length: MAX_WRITTEN_KEYS }, (_, index) => write(`k${index}`, '/old'))
  const full = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item('a', { writers: many })] }), 0)
  const kept = applyResponse(full, response({ cursor: 'two.1', isComplete: true, sessions: [item('a', { writers: [write('k0', '/new'), write('x', '/new')] })] }), 0).sessions[0]!.writers!
  expect(kept.map(({ key }) => key), 'the newest, if they are too many').toEqual([...many.slice(2).map(({ key }) => key), 'k0', 'x'])
  const third = applyResponse(forgetEnded(second), response({ cursor: 'two.2', isComplete: true, sessions: [item('a')] }), 0)
  expect(third.sessions[0]!.writers, 'also when the list of requests is cleared').toHaveLength(2)
  expect(applyResponse(third, response({ cursor: 'two.3', sessions: [item('a', { writers: [] })] }), 0).sessions[0]!.writers, 'not after a write of unknown keys').toEqual([])
})

describe('a restart of the server', () => {
  it('leaves the session and the user known whose token the new server rejects, because its password was changed', () => {
    const before = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [item('h3:a', { id: 'a', name: 'h3', user: 'Ada', seals: ['new', 'old'] }), item('cart:b', { name: 'cart', seals: ['cart'] })] }), 0)
    const reject = (seq: number, token: string | undefined, explanation = OTHER_PASSWORD) => request([{ seq, kind: 'reject', name: 'h3', key: undefined, reason: 'tampered', token, explanation }])
    const rejects = [reject(1, 'old'), reject(2, 'unseen'), reject(3, 'cart'), reject(4, undefined), reject(5, 'new', 'It is cut off.')]
    const after = applyResponse(before, response({ cursor: 'two.5', isComplete: true, requests: rejects }), 0)
    expect(after.requests.map(({ events: [event] }) => [event!.key, event!.id, event!.user, event!.explanation])).toEqual([
      ['h3:a', 'a', 'Ada', PASSWORD_CHANGED],
      [undefined, undefined, undefined, OTHER_PASSWORD], [undefined, undefined, undefined, OTHER_PASSWORD], [undefined, undefined, undefined, OTHER_PASSWORD],
      ['h3:a', 'a', 'Ada', 'It is cut off.'],
    ])
  })

  it('marks the sessions whose token the new server rejects, until one is accepted', () => {
    const sessions = [item('h3:cookie', { seals: ['a'] }), item('h3:kept', { seals: ['b'], storage: 'kept', lastUsedAt: 5 }), item('h3:gone', { storage: 'memory', seals: ['c'] }), item('h3:bound', { seals: ['d'] })]
    const before = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: sessions.map(each => ({ ...each, name: 'h3' })), current: ['h3:cookie', 'h3:kept', 'h3:gone'] }), 0)
    const reject = (seq: number, token: string, key?: string, reason = 'tampered') => request([{ seq, at: 9, kind: 'reject', name: 'h3', key, reason, token, explanation: OTHER_PASSWORD }], { path: `/${seq}` })
    const rejects = [reject(1, 'a'), reject(2, 'b'), reject(3, 'c', 'h3:gone', 'expired'), reject(4, 'd', undefined, 'unproven')]
    const kept = { ...item('h3:kept', { storage: 'kept', lastUsedAt: 5 }), name: 'h3' }
    // The cookie of a stored session still names it, also if its record is gone.
    const after = applyResponse(before, response({ cursor: 'two.5', isComplete: true, sessions: [kept], requests: rejects, current: ['h3:gone'] }), 9)
    const marks = ({ sessions }: typeof after) => sessions.map(({ key, isCurrent, isLost, rejected }) => [key, isCurrent, isLost, rejected?.path])
    expect(marks(after).toSorted()).toEqual([['h3:bound', false, undefined, undefined], ['h3:cookie', false, undefined, '/1'], ['h3:gone', false, undefined, '/3'], ['h3:kept', false, undefined, '/2']])
    const later = applyResponse(after, response({ cursor: 'two.6', sessions: [{ ...kept, lastUsedAt: 10 }], current: ['h3:kept', 'h3:gone'] }), 10)
    expect(marks(later).find(([key]) => key === 'h3:kept')).toEqual(['h3:kept', true, undefined, undefined])
    expect(later.sessions.find(({ key }) => key === 'h3:gone')).toBe(after.sessions.find(({ key }) => key === 'h3:gone'))
    expect(marks(applyResponse(forgetEnded(after), response({ cursor: 'two.6' }), 10)), 'the list of requests is cleared').toEqual([['h3:kept', false, undefined, '/2']])
  })

  it('shows the check of one cookie once, as the new server reports it', () => {
    const check = (seq: number, token: string, fields: Partial<InspectedRequest> = {}) => request([{ seq, kind: 'reject', key: undefined, reason: 'tampered', token }], { method: 'DevTools', path: '', ...fields })
    const ofApp = check(3, 'stale', { method: 'GET', path: '/' })
    const before = applyResponse(undefined, response({ cursor: 'one.3', isComplete: true, requests: [check(1, 'stale'), check(2, 'other'), ofApp] }), 0)
    expect(before.requests).toHaveLength(3)
    const after = applyResponse(before, response({ cursor: 'two.1', isComplete: true, requests: [check(1, 'stale', { at: 9 })] }), 9)
    expect(after.requests.map(({ id, at, method }) => [id, at, method])).toEqual([['one r2', 0, 'DevTools'], ['one r3', 0, 'GET'], ['r1', 9, 'DevTools']])
  })

  const old = [request([{ seq: 1, hasData: true }]), request([{ seq: 5, kind: 'update' }, { seq: 7, kind: 'update', lost: { seq: 5, keys: ['a'] }, sameChange: { seq: 5, keys: ['b'] } }])]
  const before = applyResponse(undefined, response({ cursor: 'one.7', isComplete: true, sessions: [item('a'), item('b')], current: ['a'], requests: old }), 0)
  const fresh = request([{ seq: 1 }], { path: '/new' })
  const after = applyResponse(before, response({ cursor: 'two.1', isComplete: true, sessions: [item('b', { lastUsedAt: 9 })], current: ['b'], requests: [fresh] }), 0)
  const numbers = ({ requests }: typeof after) => requests.map(({ events }) => events.map(({ seq, lost }) => lost ? [seq, lost.seq] : seq))

  it('keeps what was seen before, which the new server does not know', () => {
    expect(after.sessions.map(({ key, origin, isCurrent, isLost }) => ({ key, origin, isCurrent, isLost }))).toEqual([
      { key: 'a', origin: 'earlier', isCurrent: false, isLost: undefined },
      { key: 'b', origin: undefined, isCurrent: true, isLost: undefined },
    ])
    expect(numbers(after)).toEqual([[-7], [-3, [-1, -3]], [1]])
    expect(after.requests[1]!.events[1]!.sameChange).toEqual({ seq: -3, keys: ['b'] })
    expect(after.requests.map(({ id, path }) => [id, path])).toEqual([['one r1', '/'], ['one r5', '/'], ['r1', '/new']])
    expect(after.requests[0]!.events[0]!.hasData, 'its data is lost with the server').toBe(false)
  })

  it('leaves a stored session missing that its store no longer lists, if the list is complete', () => {
    const stored = ['listed', 'lost', 'rejected', 'cleared'].map(key => item(key, { storage: 'kept', seals: [key], ...key === 'cleared' && { ended: 'cleared' } }))
    const old = applyResponse(undefined, response({ cursor: 'one.1', isComplete: true, sessions: [...stored, item('cookie'), item('elsewhere', { storage: 'other' })] }), 0)
    const kept = (store: object) => ({ storage: 'kept', names: ['main'], hasMore: false, ...store })
    const rejects = [request([{ kind: 'reject', key: undefined, token: 'rejected' }])]
    const ends = (stores: StateResponse['stores'], from = old) => {
      const state = applyResponse(from, response({ cursor: 'two.1', isComplete: true, sessions: [stored[0]!], stores, requests: rejects }), 0)
      return { state, ended: Object.fromEntries(state.sessions.flatMap(({ key, ended }) => ended ? [[key, ended]] : [])) }
    }
    for (const stores of [[], [kept({ hasMore: true })], [kept({ error: 'It is down.' })], [kept({ storage: 'third' })]]) expect(ends(stores).ended).toEqual({ cleared: 'cleared' })
    const { state, ended } = ends([kept({})])
    expect(ended).toEqual({ lost: 'gone', cleared: 'cleared' })
    expect(state.sessions.find(({ key }) => key === 'rejected')).toMatchObject({ rejected: {} })
    const later = applyResponse(state, response({ cursor: 'two.2', stores: [kept({})], requests: [request([{ seq: 2, kind: 'reject', key: undefined, token: 'lost' }])] }), 0)
    expect(later.sessions.find(({ key }) => key === 'lost'), 'the reject says more').toMatchObject({ ended: undefined, rejected: {} })
    expect(ends([], state).ended, 'until the next reload of the page').toMatchObject({ lost: 'gone' })
    expect(applyResponse(state, response({ cursor: 'two.2', stores: [kept({})], sessions: [stored[1]!] }), 0).sessions.find(({ key }) => key === 'lost')?.ended).toBeUndefined()
  })

  it('keeps it through the next responses and the next restart', () => {
    const later = applyResponse(after, response({ cursor: 'two.2', requests: [request([{ seq: 2 }])] }), 0)
    expect(later.sessions.map(({ key, origin }) => [key, origin])).toEqual([['a', 'earlier'], ['b', undefined]])
    expect(later.requests[0]).toBe(after.requests[0])
    const again = applyResponse(later, response({ cursor: 'three.0', isComplete: true }), 0)
    expect(again.sessions.map(({ origin }) => origin)).toEqual(['earlier', 'earlier'])
    expect(numbers(again)).toEqual([[-10], [-6, [-4, -6]], [-2], [-1]])
  })

  it('keeps it through reloads of the page', () => {
    const complete = response({ cursor: 'two.2', isComplete: true, sessions: [item('b')], current: ['b'], requests: [fresh] })
    const reloaded = applyResponse(after, complete, 0)
    expect(reloaded.sessions.map(({ key, origin, isLost }) => [key, origin, isLost])).toEqual([['a', 'earlier', undefined], ['b', undefined, undefined]])
    expect(reloaded.requests.map(({ id }) => id)).toEqual(['one r1', 'one r5', 'r1'])
    const restarted = response({ cursor: 'three.0', isComplete: true })
    expect(applyResponse(reloaded, restarted, 0).sessions.map(({ origin }) => origin)).toEqual(['earlier', 'earlier'])
  })

  it('is forgotten in every page when one has cleared the list, also in one that comes later with what it has kept', () => {
    const cleared = response({ cursor: 'two.9', isComplete: true, clears: 1, sessions: [item('b')] })
    const shown = (previous: typeof after) => {
      const { sessions, requests } = applyResponse(previous, cleared, 0)
      return [sessions.map(({ key, origin }) => [key, origin]), requests.length]
    }
    expect(shown(after), 'a page that is open, or was reloaded').toEqual([[['b', undefined]], 0])
    expect(shown(before), 'a page that has seen only the earlier server').toEqual([[['b', undefined]], 0])
  })

  it('stays if the list was cleared before', () => {
    const cleared = applyResponse(after, response({ cursor: 'two.9', isComplete: true, clears: 1 }), 0)
    const later = applyResponse(cleared, response({ cursor: 'two.10', clears: 1, sessions: [item('c')] }), 0)
    const restarted = applyResponse(later, response({ cursor: 'three.0', isComplete: true, clears: 0 }), 0)
    expect(restarted.sessions.map(({ key, origin }) => [key, origin])).toEqual([['c', 'earlier']])
    expect(applyResponse(restarted, response({ cursor: 'three.1', isComplete: true, clears: 0 }), 0).sessions).toHaveLength(1)
  })

  it('is forgotten with the requests and the ended sessions', () => {
    const cleared = forgetEnded(applyResponse(after, response({ cursor: 'two.2', sessions: [item('c', { ended: 'cleared' })] }), 0))
    expect(cleared.requests).toEqual([])
    expect(cleared.sessions.map(({ key }) => key)).toEqual(['b'])
  })
})

describe('expireSessions', () => {
  it('ends sessions from their expiry on, without a response of the server', () => {
    const sessions = [item('a', { expiresAt: 2000 }), item('b'), item('c', { expiresAt: 2000, ended: 'gone' }), item('d', { expiresAt: 2000, ended: 'revoked' })]
    const state = applyResponse(undefined, response({ isComplete: true, sessions, current: ['a'] }), 1999)
    expect(state.sessions[0]).toMatchObject({ isCurrent: true })
    expect(expireSessions(state, 1999)).toBe(state)
    const later = expireSessions(state, 2000)
    expect(later.sessions.map(({ ended, isCurrent }) => [ended, isCurrent])).toEqual([['expired', false], [undefined, false], ['expired', false], ['revoked', false]])
    expect(later.sessions[1]).toBe(state.sessions[1])
  })
})

function item(key: string, overrides: Parameters<typeof session>[0] = {}) {
  const { isCurrent, ...rest } = session({ key, ...overrides })
  return rest
}
