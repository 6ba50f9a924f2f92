import { describe, expect, it } from 'vitest'
import type { InspectedRequest } from '../../src/devtools/protocol'
import { changesOf, filterRequests, foldReads, kindsOf, REQUEST_KINDS, requestsOf, sessionLabels, sessionOf } from '../src/lib/requests'
import type { RequestFilter } from '../src/lib/requests'
import { request } from './session'

const REQUESTS = [
  request([{ seq: 1, kind: 'create', key: 'a', user: 'Ada (7)', changes: ['+visits'] }], { path: '/api/login', status: 200 }),
  request([{ seq: 2, key: 'b' }], { method: 'GET', path: '/account' }),
  request([{ seq: 3, key: 'a' }, { seq: 4, kind: 'update', key: 'a', changes: ['+cart', '~visits'] }], { path: '/api/shop' }),
  request([{ seq: 5, kind: 'reject', key: undefined, reason: 'expired' }], { method: 'GET', path: '/account', status: 401 }),
  request([{ seq: 6, kind: 'fail', key: 'b', reason: 'SESSION_TOO_LARGE' }], { path: '/api/upload', status: 500 }),
]

describe('filterRequests', () => {
  const idsOf = (requests: InspectedRequest[]) => requests.map(({ id }) => id)
  const found = (filter: Partial<RequestFilter>) => idsOf(filterRequests(REQUESTS, { session: '', text: '', kinds: new Set(REQUEST_KINDS), ...filter }, new Map([['b', 'Grace']])))

  it('shows the newest first', () => {
    expect(found({})).toEqual(['r6', 'r5', 'r3', 'r2', 'r1'])
  })

  it('filters by kind: a request that writes is no read', () => {
    expect(REQUEST_KINDS.map(kind => found({ kinds: new Set([kind]) }))).toEqual([['r2'], ['r3', 'r1'], ['r6'], ['r5']])
  })

  it('filters by session', () => {
    expect(found({ session: 'a' })).toEqual(['r3', 'r1'])
  })

  it.each([
    ['/api', ['r6', 'r3', 'r1']], ['GET', ['r5', 'r2']], ['401', ['r5']], ['too_large', ['r6']],
    ['ada', ['r1']], ['grace', ['r6', 'r2']], ['cart', ['r3']], ['visits /api/shop', ['r3']],
    ['key:visits', ['r3', 'r1']], ['path:a', ['r6', 'r5', 'r3', 'r2', 'r1']], ['user:a', ['r6', 'r2', 'r1']], ['key:ada', []], ['user:grace path:upload', ['r6']], ['other:ada', []],
  ])('filters by text: %s', (text, ids) => {
    expect(found({ text })).toEqual(ids)
  })
})

it('names the sessions of a request by their users, else by their short ids', () => {
  const events = [{ key: 'h3:a', user: 'Ada (7)' }, { key: 'h3:b' }, { key: 'cart:c', name: 'cart', id: '0123456789abcdef' }, { key: 'kept:0123456789abcdef', name: 'kept' }, { key: undefined, name: 'other', kind: 'reject' as const }]
  expect(sessionLabels(request(events), new Map([['h3:b', 'Grace']]))).toBe('Ada (7), Grace, 01234567, #01234567')
})

it('counts a denied prefetch as a read, but not one that fails or is rejected', () => {
  const kinds = (['deny', 'fail', 'reject'] as const).map(kind => kindsOf(request([{ kind, reason: 'SESSION_REQUIRED' }], { isPrefetch: true })))
  expect(kinds).toEqual([['reads'], ['failures'], ['rejects']])
})

it('has the events of one session, and the same object if there are no others', () => {
  const mixed = request([{ seq: 7, key: 'a' }, { seq: 8, key: 'b' }])
  expect(requestsOf([...REQUESTS, mixed], 'b').map(({ id, events }) => [id, events.map(({ seq }) => seq)])).toEqual([['r2', [2]], ['r6', [6]], ['r7', [8]]])
  expect(requestsOf(REQUESTS, 'b')[0]).toBe(REQUESTS[1])
})

it('leaves out reads of sessions that the request also writes, and repeated reads', () => {
  const { events } = request([
    { seq: 1, key: 'a' }, { seq: 2, key: 'a' }, { seq: 3, kind: 'regenerate', key: 'b' }, { seq: 4, name: 'cart', key: 'c' }, { seq: 5, name: 'cart', key: 'c' }, { seq: 6, kind: 'update', key: 'b' },
  ])
  expect(foldReads(events).map(({ seq }) => seq)).toEqual([3, 4, 6])
  expect(kindsOf(request([{ seq: 1 }, { seq: 2 }]))).toEqual(['reads'])
})

it('counts the verdict on this browser\'s cookie, which the panel has read itself, as a read', () => {
  const check = request([{ seq: 9, kind: 'reject', key: undefined, reason: 'tampered' }], { method: 'DevTools', path: '' })
  expect(kindsOf(check)).toEqual(['reads'])
  const only = (kind: 'reads' | 'rejects') => filterRequests([check], { session: '', text: '', kinds: new Set([kind]) }, new Map()).length
  expect([only('reads'), only('rejects')]).toEqual([1, 0])
  expect(kindsOf(request([{ seq: 10, kind: 'fail' }], { method: 'DevTools', path: '' })), 'an action of the developer').toEqual(['failures'])
})

it('lists the changed keys once, with the session\'s name if there are several', () => {
  expect(changesOf(request([{ changes: ['+n'] }, { changes: ['+n', '~m'] }]).events)).toEqual(['+n', '~m'])
  expect(changesOf(request([{ changes: ['+n'] }, { name: 'cart', changes: ['−items'] }, { name: 'other' }]).events)).toEqual(['main: +n', 'cart: −items'])
})

it('names the session of an event, but not of a call with a wrong option, which may be of another name', () => {
  const [fail, noId, mistake] = request([{ kind: 'fail', name: 'cart', id: 'a', reason: 'SESSION_CONFLICT' }, { kind: 'fail', name: 'cart', reason: 'SESSION_TOO_LARGE' }, { kind: 'fail', name: 'cart', id: 'a', reason: 'SESSION_CONFIG_INVALID' }]).events
  expect([fail!, { ...noId!, id: undefined }, mistake!].map(sessionOf)).toEqual(['cart a', 'cart', undefined])
})
