import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Inspector, LIMITS } from '../../../src/devtools/inspector'
import { newestRequests } from '../../../src/devtools/newest-requests'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { handleOf, keyOf, listOf, observed, session, timelineOf } from './support/observed'

const FACTS = { isEmpty: false, isSeal: true, parts: 8, isWhole: true }

describe('sessions', () => {
  it('are listed, the last used first', () => {
    const { list } = record([
      { kind: 'create', at: 1, session: session('a', { n: 1 }), transport: 'none', tokenHash: hash('A1') },
      { kind: 'load', at: 2, session: session('b'), expiresAt: 99, bytes: 300 },
      { kind: 'update', at: 3, session: { ...session('a', { n: 2 }), userId: 'u', maxAge: 60 }, tokenHash: hash('A2') },
    ])
    expect(list()).toMatchObject([
      { key: keyOf('a'), id: 'a', name: 'h3', userId: 'u', maxAge: 60, createdAt: 500, lastUsedAt: 3, data: { n: 2 }, keeper: 'module', isCurrent: false },
      { key: keyOf('b'), lastUsedAt: 2, expiresAt: 99, bytes: 300, transport: 'cookie' },
    ])
  })

  it('are in a cookie once they were sent, and in neither cookie nor header before', () => {
    const { list } = record([
      { session: session('sent'), transport: 'none', tokenHash: hash('S') },
      { session: session('unsent'), transport: 'none' },
      { session: session('header'), transport: 'header' },
    ])
    expect(Object.fromEntries(list().map(({ id, transport }) => [id, transport]))).toEqual({ sent: 'cookie', unsent: 'none', header: 'header' })
  })

  it('are the browser\'s own if its cookie is one of their newest seals', () => {
    const { list } = record([
      ...Array.from({ length: 12 }, (_, index) => ({ session: session('a'), tokenHash: hash(`A${index}`) })),
      { session: session('b'), tokenHash: hash('B') },
    ])
    const current = (cookie: string) => list(cookie).filter(({ isCurrent }) => isCurrent).map(({ id }) => id)
    expect(current('h3=A11')).toEqual(['a'])
    expect(current('theme=dark; h3=A2')).toEqual(['a'])
    expect(current('h3=A1')).toEqual([])
    expect(current('h3=B')).toEqual(['b'])
    expect(current('other=B')).toEqual([])
    expect(current('')).toEqual([])
  })

  it('are the browser\'s own if its cookie is such a seal in chunks', () => {
    const { list } = record([{ session: session('a'), tokenHash: hash('onetwo') }])
    expect(list('h3=__chunked__2; h3.1=one; h3.2=two')).toMatchObject([{ isCurrent: true }])
  })

  it('that have ended show how', () => {
    const { list } = record([
      { session: session('a'), tokenHash: hash('A') },
      { kind: 'clear', before: session('a') },
      { session: session('b'), tokenHash: hash('B') },
      { kind: 'regenerate', before: session('b'), session: session('c'), tokenHash: hash('C') },
    ])
    expect(list('h3=A').map(({ id, ended, isCurrent }) => ({ id, ended, isCurrent }))).toEqual(expect.arrayContaining([
      { id: 'a', ended: 'cleared', isCurrent: true },
      { id: 'b', ended: 'regenerated', isCurrent: false },
      { id: 'c', ended: undefined, isCurrent: false },
    ]))
  })

  it('of different names are separate', () => {
    const { list } = record([{ session: session('a') }, { name: 'cart', session: session('a') }])
    expect(list().map(({ key }) => key).toSorted()).toEqual([keyOf('a', 'cart'), keyOf('a')])
  })

  it('are limited in number: the least recently used are dropped', () => {
    const ids = Array.from({ length: LIMITS.sessions }, (_, index) => `s${index}`)
    const { list, inspector } = record([...ids, 's0', 'new'].map(id => ({ session: session(id) })))
    expect(list()).toHaveLength(LIMITS.sessions)
    expect(inspector.find(keyOf('s0'))).toBeDefined()
    expect(inspector.find(keyOf('new'))).toBeDefined()
    expect(inspector.find(keyOf('s1'))).toBeUndefined()
  })
})

describe('the cookies of the panel\'s own request', () => {
  it('are unknown if neither their seal nor their handle is, until the worker has opened them', async () => {
    const { inspector } = record([{ session: session('a'), tokenHash: hash('A') }, { storage: 'kept', session: session('b'), name: 'cart' }])
    expect(inspector.own.unknown('h3=A; cart=B; other=x', ['h3', 'cart'], [{ name: 'cart', handle: handleOf('b') }])).toEqual([])
    const unknown = inspector.own.unknown('h3=C; cart=B', ['h3', 'cart'], [{ name: 'cart', handle: handleOf('c') }])
    expect(unknown).toMatchObject([{ name: 'h3' }, { name: 'cart' }])
    await expect(inspector.own.open(unknown, async () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer')
    expect(inspector.own.unknown('h3=C; cart=B', ['h3', 'cart'], []), 'the worker did not answer').toEqual(unknown)
    await inspector.own.open(unknown, async () => undefined)
    expect(inspector.own.unknown('h3=C; cart=B', ['h3', 'cart'], [])).toEqual([])
    expect(inspector.own.unknown('', ['h3'], [])).toEqual([])
  })

  it('add their session without an event and without counting as use', () => {
    const { inspector, list } = record([{ kind: 'renew', method: 'DevTools', at: 900, session: { ...session('a', { n: 1 }), lastSeenAt: 700 }, tokenHash: hash('A') }])
    expect(list('h3=A')).toMatchObject([{ id: 'a', data: { n: 1 }, lastUsedAt: 700, transport: 'cookie', isCurrent: true }])
    expect(timelineOf(inspector)).toEqual([])
  })
})

describe('changes since a cursor', () => {
  const since = (inspector: Inspector, cursor?: string) => {
    const { isComplete, sessions, removed, requests } = inspector.changesSince(cursor)
    return { isComplete, ids: sessions.map(({ id }) => id), removed, events: requests.flatMap(({ events }) => events.map(({ seq }) => seq)) }
  }

  it('are only the sessions and events of later messages', () => {
    const { inspector } = record([{ session: session('a') }, { session: session('b') }])
    const { cursor } = inspector.changesSince()
    expect(since(inspector)).toEqual({ isComplete: true, ids: ['a', 'b'], removed: [], events: [1, 2] })
    expect(since(inspector, cursor)).toEqual({ isComplete: false, ids: [], removed: [], events: [] })
    inspector.record(observed({ session: session('b', { n: 1 }) }))
    expect(since(inspector, cursor)).toEqual({ isComplete: false, ids: ['b'], removed: [], events: [3] })
  })

  it('have the data of a session only if it has changed', () => {
    const data = { text: 'x'.repeat(5000) }
    const { inspector } = record([{ kind: 'create', session: session('a', data) }])
    let { cursor } = inspector.changesSince()
    const next = (message: Partial<ObservedMessage>) => {
      inspector.record(observed({ session: session('a', data), ...message }))
      const changes = inspector.changesSince(cursor)
      cursor = changes.cursor
      return changes
    }
    const read = next({ at: 2000 })
    expect(read.sessions).toMatchObject([{ id: 'a', lastUsedAt: 2000, hasSameData: true }])
    expect(JSON.stringify(read).length).toBeLessThan(1000)
    expect(next({ kind: 'update', session: session('a', { n: 1 }) }).sessions).toMatchObject([{ data: { n: 1 } }])
    expect(next({ session: { ...session('a', { n: 1 }), flash: { m: 1 } } }).sessions).toMatchObject([{ data: { n: 1 }, flash: { m: 1 } }])
    expect(next({ session: { ...session('a'), isCut: true } }).sessions[0]).not.toHaveProperty('hasSameData')
    expect(next({ kind: 'create', session: session('b', data) }).sessions).toMatchObject([{ id: 'b', data }])
    expect(inspector.changesSince().sessions.find(({ id }) => id === 'b'), 'for another panel').toMatchObject({ data })
  })

  it('are everything for a cursor of another server, and for rubbish', () => {
    const { inspector } = record([{ session: session('a') }])
    const [run, at] = inspector.changesSince().cursor.split('.')
    for (const cursor of ['', 'x', '.', record([]).inspector.changesSince().cursor, `${run}.x`, `x.${at}`])
      expect(since(inspector, cursor), cursor).toMatchObject({ isComplete: true, ids: ['a'] })
  })

  it('name the sessions that are no longer listed', () => {
    const { inspector } = record(Array.from({ length: LIMITS.sessions }, (_, index) => ({ session: session(`s${index}`) })))
    const { cursor } = inspector.changesSince()
    inspector.record(observed({ session: session('new') }))
    expect(since(inspector, cursor)).toMatchObject({ isComplete: false, ids: ['new'], removed: [keyOf('s0')] })
    for (let index = 0; index <= LIMITS.sessions; index++) inspector.record(observed({ session: session(`t${index}`) }))
    expect(since(inspector, cursor), 'too many to name').toMatchObject({ isComplete: true, removed: [] })
  })

  it('leave out data that is too large for a list', () => {
    const { inspector, list } = record([{ session: session('a', { text: 'x'.repeat(9000), user: { name: 'Ada' } }) }])
    expect(list()).toMatchObject([{ id: 'a', user: 'Ada' }])
    expect(list()[0]).not.toHaveProperty('data')
    expect(inspector.dataOf(keyOf('a'))?.data).toMatchObject({ user: { name: 'Ada' } })
    expect(JSON.stringify(inspector.changesSince()).length).toBeLessThan(2000)
  })
})

describe('timeline', () => {
  it('has each event and what it changed', () => {
    const { inspector } = record([
      { kind: 'load', at: 1, path: '/a', session: session('a', { n: 1 }) },
      { kind: 'update', at: 2, method: 'POST', path: '/b', before: session('a', { n: 1 }), session: session('a', { n: 2 }) },
      { kind: 'clear', at: 3, before: session('a', { n: 2 }) },
    ], ['server/api/b.ts:3'])
    expect(timelineOf(inspector)).toMatchObject([
      { seq: 1, at: 1, kind: 'load', key: keyOf('a'), id: 'a', changes: [] },
      { seq: 2, at: 2, kind: 'update', changes: ['~n'], sources: ['server/api/b.ts:3'] },
      { seq: 3, at: 3, kind: 'clear', key: keyOf('a'), changes: ['−n'] },
    ])
    expect([1, 2, 3].map(seq => inspector.requests.dataOf(seq))).toEqual([{ after: { n: 1 } }, { before: { n: 1 }, after: { n: 2 } }, { before: { n: 2 } }])
  })

  it('has the session and the sentence of a rejected token that this server has seen', () => {
    const { inspector } = record([{ session: { ...session('a'), userId: 'ada' }, tokenHash: hash('A') }, { kind: 'reject', reason: 'tampered', tokenHash: hash('A'), verdict: 'v1' }])
    expect(timelineOf(inspector)[1]).toMatchObject({ kind: 'reject', key: keyOf('a'), id: 'a', user: 'ada' })
    const { cursor } = inspector.changesSince()
    inspector.explain({ type: 'verdict', of: 'v1', reason: 'tampered', name: 'h3', token: FACTS, inspected: {} })
    expect(inspector.changesSince(cursor).requests).toMatchObject([{ events: [{ seq: 2, key: keyOf('a'), user: 'ada', explanation: expect.stringContaining('the password was changed') }] }])
  })

  it('has the hash of a rejected token that this server has not seen, but not of one that it has', () => {
    const { inspector, list } = record([{ session: session('a'), tokenHash: hash('A') }, { session: session('a'), tokenHash: hash('A') }, { kind: 'reject', reason: 'tampered', tokenHash: hash('A') }, { kind: 'reject', reason: 'tampered', tokenHash: hash('B') }])
    expect(timelineOf(inspector).slice(2).map(({ key, token }) => [key, token])).toEqual([[keyOf('a'), undefined], [undefined, hash('B')]])
    expect(list()[0]!.seals).toEqual([hash('A')])
  })

  it('tells a token that was accepted before, and whose number of iterations was changed, by that number', () => {
    const { inspector } = record([{ session: session('a'), tokenHash: hash('A') }, { kind: 'reject', reason: 'tampered', tokenHash: hash('A'), verdict: 'v1' }])
    inspector.explain({ type: 'verdict', of: 'v1', reason: 'tampered', name: 'h3', token: FACTS, inspected: { iterations: 8192 } })
    expect(timelineOf(inspector)[1]!.explanation).toMatch(/^The password is correct, but the seal was made with 8192 iterations/)
  })

  it('has the user that a login has set, and that of a session which was cleared', () => {
    const grace = { ...session('b'), userId: 'grace' }
    const { inspector } = record([
      { session: { ...session('a'), userId: 'ada' } },
      { kind: 'regenerate', before: { ...session('a'), userId: 'ada' }, session: grace },
      { kind: 'clear', before: grace },
    ])
    expect(timelineOf(inspector).map(({ kind, user }) => [kind, user])).toEqual([['load', 'ada'], ['regenerate', 'grace'], ['clear', 'grace']])
  })

  it('has the user of a rejected token that this server has not seen', () => {
    const { inspector } = record([{ kind: 'reject', reason: 'expired', tokenHash: hash('B'), verdict: 'v1' }])
    inspector.explain({ type: 'verdict', of: 'v1', reason: 'expired', name: 'h3', handle: handleOf('b'), token: FACTS, inspected: { expiresAt: 0, limit: 'maxAge (60 s)', session: { createdAt: 0, data: { user: { name: 'Ada' } }, userId: '7' } } })
    expect(timelineOf(inspector)).toMatchObject([{ key: keyOf('b'), user: 'Ada (7)', explanation: 'It expired at 1970-01-01T00:00:00.000Z, at the end of maxAge (60 s). For a longer session, raise maxAge.' }])
  })

  it('links the sessions of the old and the new id', () => {
    const { list } = record([{ session: session('a') }, { kind: 'regenerate', before: session('a'), session: session('b') }, { session: session('b') }])
    expect(Object.fromEntries(list().map(({ id, previous, next }) => [id, [previous, next]]))).toEqual({ a: [undefined, keyOf('b')], b: [keyOf('a'), undefined] })
  })

  it('links a superseded token to the session with the new id, also if no request has used the old one', () => {
    const verdict = { type: 'verdict' as const, reason: 'superseded', name: 'h3', token: FACTS, inspected: { content: 'reference' as const, successor: handleOf('b') } }
    const { inspector, list } = record([{ session: session('b') }, { kind: 'reject', reason: 'superseded', tokenHash: hash('A'), verdict: 'v1' }])
    inspector.explain({ ...verdict, of: 'v1', handle: handleOf('a') })
    expect(timelineOf(inspector)[1]).toMatchObject({ key: keyOf('a'), next: keyOf('b') })
    expect(list()).toMatchObject([{ id: 'b', previous: keyOf('a') }])
    inspector.record(observed({ session: session('a') }))
    const { cursor } = inspector.changesSince()
    inspector.explain({ ...verdict, of: 'v2', handle: handleOf('a') })
    expect(inspector.changesSince(cursor).sessions).toMatchObject([{ id: 'b', previous: keyOf('a') }, { id: 'a', next: keyOf('b') }])
  })

  it.each<[string, { client?: string, startedAt?: number, status?: number }, string]>([
    ['that was running', { startedAt: 1500 }, 'POST /login gave the session a new id while this request was running, or on its way. The browser gets the new cookie by that response'],
    ['whose browser has not got the new cookie', {}, 'POST /login gave the session a new id. The browser does not have the new cookie'],
    ['after a login whose client left', { status: undefined }, 'POST /login gave the session a new id. The browser closed the connection before the response to POST /login'],
    ['with a copy of the cookie', { client: 'another' }, 'POST /login gave the session a new id in another browser, or at another address: this one has sent a copy'],
  ])('says how a request came to send a superseded token: one %s', (_, fields, text) => {
    const { client = 'browser', startedAt = 9000 } = fields
    const kept = { storage: 'kept', attributes: 'Path=/' }
    const inspector = new Inspector()
    inspector.record(observed({ ...kept, session: session('a'), client: 'browser', request: 'first' }))
    inspector.record(observed({ ...kept, kind: 'regenerate', before: session('a'), session: session('b'), client: 'browser', method: 'POST', path: '/login', request: 'login', at: 2000, startedAt: 1000 }))
    inspector.finish({ type: 'sent', request: 'login', at: 2010, duration: 1010, status: 'status' in fields ? undefined : 200 })
    inspector.record(observed({ kind: 'reject', reason: 'superseded', verdict: 'v', client, request: 'late', at: 9001, startedAt }))
    inspector.explain({ type: 'verdict', of: 'v', reason: 'superseded', name: 'h3', token: FACTS, handle: handleOf('a'), inspected: { content: 'reference', successor: handleOf('b') } })
    expect(timelineOf(inspector).at(-1)!.explanation).toContain(text)
  })

  it('has each session that a call has revoked, by its handle or with its user', () => {
    const kept = (id: string, userId = 'ada') => ({ storage: 'kept', name: 'kept', session: { ...session(id), userId } })
    const { inspector, list } = record([
      kept('a'), kept('b'), kept('c'), kept('d', 'grace'), { session: { ...session('e'), userId: 'ada' } },
      { kind: 'revoke', transport: 'unknown', storage: 'kept', name: 'h3', handle: handleOf('d') },
      { kind: 'revoke', transport: 'unknown', storage: 'kept', name: 'kept', group: { userId: 'ada', except: handleOf('c') } },
    ], ['server/api/x.ts:1'])
    expect(timelineOf(inspector).slice(5).map(({ kind, key, user, sources }) => [kind, key, user, sources[0]])).toEqual([
      ['revoke', keyOf('d', 'kept'), 'grace', 'server/api/x.ts:1'], ['revoke', keyOf('a', 'kept'), 'ada', 'server/api/x.ts:1'], ['revoke', keyOf('b', 'kept'), 'ada', 'server/api/x.ts:1'],
    ])
    expect(Object.fromEntries(list().map(({ id, ended }) => [id, ended]))).toEqual({ a: 'revoked', b: 'revoked', c: undefined, d: 'revoked', e: undefined })
  })

  it('has each session that a call has revoked together with all others, or with all of its name', () => {
    const kept = (id: string, name = 'kept', storage = 'kept') => ({ storage, name, session: session(id) })
    const messages = (group: ObservedMessage['group']) => [
      kept('a'), kept('b', 'cart'), kept('c', 'kept', 'other'), { session: session('d') },
      { kind: 'revoke' as const, method: 'POST', path: '/api/incident', transport: 'unknown' as const, storage: 'kept', name: 'h3', group },
    ]
    const shown = (group: ObservedMessage['group']) => {
      const { inspector, list } = record(messages(group), ['server/api/incident.ts:2'])
      const ended = list().filter(each => each.ended === 'revoked').map(({ id }) => id).toSorted()
      const { events, path } = inspector.requests.all().at(-1)!
      return { ended, path, events: events.map(({ kind, key, explanation, sources }) => [kind, key, explanation, ...sources]) }
    }
    const source = 'server/api/incident.ts:2'
    expect(shown({})).toEqual({ ended: ['a', 'b'], path: '/api/incident', events: [
      ['revoke', keyOf('a', 'kept'), 'All sessions of the store.', source], ['revoke', keyOf('b', 'cart'), 'All sessions of the store.', source],
    ] })
    expect(shown({ name: 'cart' })).toEqual({ ended: ['b'], path: '/api/incident', events: [['revoke', keyOf('b', 'cart'), 'All sessions with the name "cart".', source]] })
    expect(shown({ name: 'none' }).events, 'one event though no session is known').toMatchObject([['revoke', undefined, 'All sessions with the name "none".', source]])
  })

  it('has a rejected token with its reason and without a session', () => {
    const { inspector, list } = record([{ kind: 'reject', reason: 'expired' }])
    expect(timelineOf(inspector)).toMatchObject([{ kind: 'reject', reason: 'expired' }])
    expect(timelineOf(inspector)[0]).not.toHaveProperty('key')
    expect(list()).toEqual([])
  })

  it('has failures and denials with their reason and the session, which they do not change', () => {
    const failed = { reason: 'SESSION_TOO_LARGE', explanation: 'Too large.', before: session('a', { n: 1 }) }
    const { inspector, list } = record([{ session: session('a', { n: 1 }) }, { ...failed, kind: 'fail' }, { ...failed, kind: 'deny', before: undefined }])
    expect(timelineOf(inspector).slice(1)).toMatchObject([
      { kind: 'fail', reason: 'SESSION_TOO_LARGE', explanation: 'Too large.', key: keyOf('a'), changes: [], hasData: false },
      { kind: 'deny', changes: [], hasData: false },
    ])
    expect(timelineOf(inspector)[2]).not.toHaveProperty('key')
    expect(list()).toEqual([expect.not.objectContaining({ ended: expect.anything() })])
  })

  it('leaves out renewals, which still raise the sequence number', () => {
    const { inspector } = record([{ kind: 'renew', session: session('a') }])
    expect(timelineOf(inspector)).toEqual([])
    expect(inspector.seq).toBe(1)
  })

  it('finds changes by h3\'s own functions by comparing the data', () => {
    const h3 = (data: object) => ({ keeper: 'h3' as const, kind: 'update' as const, session: session('a', { ...data }) })
    const { inspector } = record([h3({ n: 1 }), h3({ n: 1 }), h3({ n: 2 })])
    expect(timelineOf(inspector)).toMatchObject([
      { kind: 'load', keeper: 'h3' },
      { kind: 'load' },
      { kind: 'update', changes: ['~n'] },
    ])
  })
})

describe('requests', () => {
  it('have their events, and the status of their response once it is complete', () => {
    const { inspector } = record([
      { request: 'r1', at: 2, startedAt: 1, method: 'POST', path: '/a', session: session('a') }, { request: 'r2', path: '/b', session: session('b') },
      { request: 'r1', at: 2, kind: 'update', session: session('a', { n: 1 }) }, { method: '', path: '', kind: 'revoke', storage: 'kept', handle: handleOf('c') },
    ])
    const { cursor } = inspector.changesSince()
    inspector.finish({ type: 'sent', request: 'r1', at: 9, status: 409, duration: 12 })
    inspector.finish({ type: 'sent', request: 'without an event', at: 9, status: 200, duration: 1 })
    expect(inspector.changesSince(cursor).requests).toMatchObject([
      { id: 'r1', at: 1, method: 'POST', path: '/a', status: 409, duration: 12, events: [{ seq: 1, kind: 'load' }, { seq: 3, kind: 'update', changes: ['+n'] }] },
    ])
    expect(inspector.requests.all().map(({ id, events }) => [id, events.length])).toEqual([['r1', 2], ['r2', 1], ['call-4', 1]])
    expect(inspector.requests.all()[1]).not.toHaveProperty('status')
  })

  it('are limited in number, and reads do not drive out the writes', () => {
    const write = { kind: 'update' as const, path: '/write', before: session('a'), session: session('a', { n: 1 }) }
    const reads = Array.from({ length: LIMITS.requests + 5 }, (_, index) => ({ path: `/${index}`, session: session('a', { n: 1 }) }))
    const { inspector } = record([write, ...reads])
    const paths = inspector.requests.all().map(({ path }) => path)
    expect(paths).toHaveLength(LIMITS.requests)
    expect(paths.slice(0, 2)).toEqual(['/write', '/6'])
    for (let index = 0; index < LIMITS.requests; index++) inspector.record(observed(write))
    expect(inspector.requests.all()).toHaveLength(LIMITS.requests)
    expect(inspector.requests.dataOf(1), 'the data is dropped with the request').toBeUndefined()
  })

  it.each([['denied', 'deny'], ['rejected', 'reject'], ['failed', 'fail']] as const)('that are %s do not drive out the writes, nor the last reads', (_, kind) => {
    const write = { kind: 'update' as const, path: '/write', before: session('a'), session: session('a', { n: 1 }) }
    const read = { path: '/read', session: session('a', { n: 1 }) }
    const failure = { kind, path: '/failure', reason: 'SESSION_REQUIRED' }
    const { inspector } = record([...Array.from({ length: 300 }, () => write), ...Array.from({ length: 200 }, () => read), ...Array.from({ length: LIMITS.requests * 2 }, () => failure)])
    const count = (path: string) => inspector.requests.all().filter(request => request.path === path).length
    expect(['/write', '/read', '/failure'].map(count)).toEqual([250, 125, 125])
    expect(newestRequests([...inspector.requests.all(), ...inspector.requests.all().map(request => ({ ...request, id: `${request.id} again` }))], LIMITS.requests)).toHaveLength(LIMITS.requests)
  })

  it('are marked as a prefetch, and a denied one is dropped as a read', () => {
    const { inspector } = record(Array.from({ length: LIMITS.requests }, (_, index) => ({ kind: 'deny' as const, path: `/${index}`, reason: 'SESSION_REQUIRED', ...index > 99 && { isPrefetch: true as const } })))
    expect(inspector.requests.all().at(-1)).toMatchObject({ isPrefetch: true })
    inspector.record(observed({ session: session('a') }))
    expect(inspector.requests.all().slice(99, 101).map(({ path }) => path)).toEqual(['/99', '/101'])
  })

  it('that fail are kept while others only read', () => {
    const failures = Array.from({ length: 100 }, () => ({ kind: 'deny' as const, path: '/failure', reason: 'SESSION_REQUIRED' }))
    const { inspector } = record([...failures, ...Array.from({ length: LIMITS.requests * 2 }, () => ({ session: session('a') }))])
    expect(inspector.requests.all().filter(({ path }) => path === '/failure')).toHaveLength(100)
  })

  it('keep the newest events, because a socket has any number of them', () => {
    const { inspector } = record(Array.from({ length: 105 }, () => ({ request: 'socket', session: session('a') })))
    expect(timelineOf(inspector)).toHaveLength(100)
    expect(timelineOf(inspector)[0]?.seq).toBe(6)
    expect(inspector.requests.dataOf(5)).toBeUndefined()
  })
})

it('forgets all events and the sessions that have ended, for every panel', () => {
  const { inspector } = record([
    { session: session('a', { n: 1 }), expiresAt: 99 },
    { session: session('b'), expiresAt: 100 },
    { session: session('c') },
    { kind: 'clear', before: session('c') },
  ])
  const { cursor } = inspector.changesSince()
  inspector.forget(99)
  const fresh = inspector.changesSince(cursor)
  expect(fresh).toMatchObject({ isComplete: true, sessions: [{ id: 'b' }], requests: [] })
  expect(inspector.dataOf(keyOf('a'))).toBeUndefined()
  expect([1, 4].map(seq => inspector.requests.dataOf(seq))).toEqual([undefined, undefined])
  expect(inspector.changesSince(fresh.cursor)).toMatchObject({ isComplete: false, sessions: [], requests: [] })
})

function record(messages: Partial<ObservedMessage>[], sources?: string[]) {
  const inspector = new Inspector()
  for (const message of messages) inspector.record(observed(message), sources)
  return { inspector, list: (cookie = '') => listOf(inspector, cookie) }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
