import { expect, it } from 'vitest'
import type { InspectedRequest, Overwrite } from '../../src/devtools/protocol'
import { whyEnded, withoutCause } from '../src/lib/why'
import { request, session } from './session'

it('explains how a session ended, by which request, and what to do', () => {
  const because = (overrides: Parameters<typeof session>[0], ...requests: InspectedRequest[]) => whyEnded(session(overrides), requests, 1000)
  expect(because({})).toBeUndefined()
  expect(because({ isLost: true })?.text).toContain('does not send its cookie any more')
  expect(because({ isLost: true, isReplaced: true })).toEqual({ text: 'A session that DevTools created in this browser has replaced its cookie "main".', fix: '', sources: [] })
  const cookie = (expires: number) => ({ attributes: { httpOnly: true, secure: false, partitioned: false, expires }, comesBack: 'always' as const, problems: [] })
  expect(because({ isLost: true, cookie: cookie(1000) })?.text).toMatch(/^Its cookie expired at .*, so this browser no longer sends it\.$/)
  expect(because({ cookie: cookie(1000), expiresAt: 9000 })).toEqual({ text: expect.stringMatching(/^Its cookie expired at .*, so its browser no longer sends it\.$/), fix: expect.stringContaining('cookie.maxAge'), sources: [] })
  expect(because({ cookie: cookie(1000), lastUsedAt: 1000 }), 'a copy was used later').toBeUndefined()
  expect(because({ cookie: cookie(1000), lastUsedAt: 1000, isLost: true })?.text, 'the response had come a little later').toContain('Its cookie expired')
  expect(because({ cookie: cookie(1000), expiresAt: 1900 }), 'the end of the session, in whole seconds').toBeUndefined()
  expect(because({ cookie: cookie(1000), unreturned: 'GET /' })?.text).toContain('never came back')
  expect(because({ cookie: cookie(1000), ended: 'cleared' })?.text).toBe('It was cleared.')
  expect(because({ cookie: cookie(1001) })).toBeUndefined()
  expect(because({ cookie: cookie(1000), expiresAt: 1000, origin: 'file' }), 'an imported session that has ended since').toBeUndefined()
  expect(because({ cookie: cookie(1000), origin: 'file' }), 'an imported session, whose cookie may have expired since').toBeUndefined()
  expect(because({ isLost: true, cookie: cookie(1001) })?.text).toContain('does not send its cookie any more')
  const rejected: Parameters<typeof request>[0] = [{ kind: 'reject', key: undefined, name: 'main', explanation: 'No password opens it.' }]
  expect(because({ isLost: true, name: 'main' }, request(rejected, { method: 'DevTools', path: '' }))?.text).toBe('The server does not accept the cookie "main" that this browser sends. No password opens it.')
  expect(because({ isLost: true, name: 'main' }, request(rejected))?.text, 'a request of another browser').toContain('does not send its cookie any more')
  expect(because({ isLost: true, name: 'main', lastUsedAt: 1 }, request(rejected, { method: 'DevTools', path: '' }))?.text, 'a cookie before this session').toContain('does not send its cookie any more')
  expect(because({ isLost: true, name: 'other' }, request(rejected, { method: 'DevTools', path: '' }))?.text, 'another name').toContain('does not send its cookie any more')
  expect(because({ ended: 'cleared' }, request([{ kind: 'load' }]), request([{ kind: 'clear', sources: ['server/api/logout.post.ts:3'] }], { path: '/api/logout' })))
    .toEqual({ text: 'It was cleared by POST /api/logout.', fix: 'If the visitor should stay logged in, do not call clear() there.', sources: ['server/api/logout.post.ts:3'] })
  expect(because({ ended: 'regenerated', next: 'b' }, request([{ kind: 'regenerate', key: 'b' }], { path: '/api/login' }))?.text).toBe('It got a new id by POST /api/login.')
  expect(because({ ended: 'regenerated', next: 'b' }, request([{ kind: 'regenerate', key: 'b' }], { path: '/api/login' }), request([{ kind: 'revoke', key: 'b' }], { path: '/api/ban' }))?.text, 'the new id was revoked later')
    .toBe('It got a new id by POST /api/login.')
  expect(because({ ended: 'revoked' }, request([{ kind: 'revoke', sources: ['server/api/ban.ts:4'] }], { method: '', path: '' })))
    .toMatchObject({ text: 'It was revoked by a call without an event.', sources: ['server/api/ban.ts:4'] })
  const revoked = { at: 0, method: 'POST', path: '/api/login', by: 'maxUserSessions' as const, call: 'maxUserSessions (2)' }
  expect(because({ ended: 'revoked', revoked }, request([{ kind: 'revoke', sources: ['login.ts:4'] }])), 'the call, if the server has seen it').toEqual({
    text: 'It was ended by maxUserSessions (2): the login POST /api/login of its user went above it, and this was the oldest session.', fix: 'For more sessions of a user at once, raise maxUserSessions.', sources: ['login.ts:4'],
  })
  expect(because({ ended: 'revoked', revoked })?.sources, 'the request is no longer listed').toEqual([])
  expect(because({ ended: 'expired' }, request([{ kind: 'reject', explanation: 'It expired at noon. Raise maxAge.' }])))
    .toEqual({ text: 'It expired at noon. Raise maxAge. Its last request was POST /.', fix: '', sources: [] })
  expect(because({ ended: 'revoked' }, request([{ seq: 1, kind: 'revoke' }], { path: '/api/ban' }), request([{ seq: 2, kind: 'reject', explanation: 'It is revoked.' }]))?.text, 'the call says more than the rejected token').toBe('It was revoked by POST /api/ban.')
  expect(because({ ended: 'revoked' }, request([{ kind: 'reject', explanation: 'It is revoked.' }]))?.text).toBe('It is revoked. Its last request was POST /.')
  expect(because({ ended: 'revoked' }, request([{ kind: 'reject', explanation: 'It is revoked.' }], { method: 'DevTools', path: '' }))?.text, 'the panel has read the cookie itself').toBe('It is revoked.')
  expect(because({ ended: 'expired', limit: 'idleTimeout (60 s)' })).toMatchObject({ text: 'It has expired at the end of idleTimeout (60 s).', fix: 'For a longer session, raise idleTimeout.' })
  expect(because({ ended: 'expired', limit: 'the maxAge that regenerate() gave it (60 s)' })?.fix).toBe('For a longer session, raise maxAge in that call.')
  expect(because({ ended: 'expired' })?.fix).toBe('For a longer session, raise maxAge or idleTimeout.')
  expect(because({ unreturned: 'GET /api/members' })).toMatchObject({ text: expect.stringContaining('never came back: GET /api/members'), fix: expect.stringContaining('The tab “Cookie”') })
  expect(because({ unreturned: 'GET /', cookie: { ...cookie(1000), comesBack: 'always' } })?.fix).toMatch(/^Its attributes do not keep browsers from sending it/)
  expect(because({ unreturned: 'GET /', cookie: { ...cookie(1000), comesBack: 'sometimes' } })?.fix).toMatch(/^The tab “Cookie” shows/)
  const undelivered = { at: 1, method: 'POST', path: '/login' }
  for (const overrides of [{}, { cookie: cookie(1000) }])
    expect(because({ undelivered, ...overrides })?.text).toBe('The browser closed the connection before the response to POST /login, so it does not have the cookie of the new session.')
  expect(because({ ended: 'gone' })).toMatchObject({ text: 'Its store has no record of it: the record was lost or removed.', fix: expect.stringContaining('memory') })
  expect(because({ ended: 'cleared' }, request([{ kind: 'clear', key: 'b' }]))?.text, 'another session\'s event').toBe('It was cleared.')
})

it('explains that the app rejects the token, by the sentence of the reject', () => {
  const rejected = { at: 1, method: 'GET', path: '/api/me', explanation: 'The store has no record.' }
  const of = (overrides: Parameters<typeof session>[0]) => whyEnded(session({ rejected, ...overrides }), [], 0)?.text
  expect(of({ origin: 'earlier' })).toBe('The app rejects its cookie "main". The store has no record. Its last request was GET /api/me.')
  expect(of({ rejected: { ...rejected, method: 'DevTools', path: '' } })).toBe('The app rejects its cookie "main". The store has no record.')
  expect(of({ transport: 'header' })).toMatch(/^The app rejects its token\./)
})

it('explains that a copy of the cookie was used after clear()', () => {
  const cleared = { at: 5, method: 'POST', path: '/logout' }
  const requests = [request([{ seq: 1, kind: 'load' }]), request([{ seq: 2, kind: 'clear', sources: ['logout.ts:3'] }], { at: 4 }), request([{ seq: 3, kind: 'load' }], { at: 6, method: 'GET', path: '/api/me' })]
  const why = whyEnded(session({ cleared }), requests, 9)
  expect(why?.text).toBe('It was cleared by POST /logout, and used again by GET /api/me. clear() removes the cookie from the browser, but a copy of the cookie stays valid until it expires.')
  expect(why?.sources).toEqual(['logout.ts:3'])
  expect(whyEnded(session({ cleared, ended: 'cleared' }), requests, 9)?.text).toBe('It was cleared by POST /.')
  expect(whyEnded(session({ cleared: { at: 5, method: 'DELETE', path: '/api/_session', isClientCall: true }, ended: 'cleared' }), requests, 9)?.text)
    .toBe('It was cleared by useClientSession().clear() in the browser (DELETE /api/_session).')
})

it('explains that a request which was running has undone clear(), or has replaced the cookie of a new id', () => {
  const slow = { method: 'GET', path: '/slow' }
  const cleared = { at: 5, method: 'POST', path: '/logout', undoneBy: slow }
  const why = whyEnded(session({ cleared }), [request([{ kind: 'clear', sources: ['logout.ts:3'] }])], 9)
  expect(why).toMatchObject({ text: 'It was cleared by POST /logout, but GET /slow was running: its response has set the cookie again.', sources: ['logout.ts:3'] })
  expect(why!.fix).toContain('refuses a write after clear()')
  const overwritten = { kind: 'old cookie' as const, at: 5, ...slow, call: { kind: 'regenerate' as const, method: 'POST', path: '/login' } }
  const text = 'Its cookie was replaced: POST /login gave the session a new id, but GET /slow was running and set the cookie with its old id. The browser keeps the cookie of the response that arrives last.'
  expect(whyEnded(session({ overwritten }), [], 9)?.text).toBe(text)
  expect(whyEnded(session({ overwritten, isLost: true }), [], 9)?.text, 'in this browser').toBe(text)
  expect(whyEnded(session({ overwritten, ended: 'cleared' }), [], 9)?.text).toBe('It was cleared.')
  expect(whyEnded(session({ overwritten: { ...overwritten, kind: 'removal' } }), [], 9)?.text)
    .toBe('Its cookie was removed: POST /login gave the session a new id, but GET /slow was running and removed its cookie.')
})

const LOGIN_CALL = { kind: 'regenerate' as const, method: 'POST', path: '/login' }

it.each<[string, Pick<Overwrite, 'kind' | 'call'>, string]>([
  ['a write with the older id', { kind: 'old cookie', call: LOGIN_CALL }, 'Keep this session in a store (storage), which refuses such a write, or do not write it in parallel requests.'],
  ['a request that began another session', { kind: 'other session' }, 'Begin the session in one request, before the parallel ones.'],
  ['a logout that began another session', { kind: 'clear' }, 'Do not call clear() in parallel to a request that begins a session or gives it a new id.'],
  ['a logout', { kind: 'removal', call: LOGIN_CALL }, 'Do not call clear() in parallel to a request that begins a session or gives it a new id.'],
])('says how to keep the cookie from being overwritten by %s', (_, overwritten, fix) => {
  expect(whyEnded(session({ overwritten: { at: 5, method: 'GET', path: '/slow', ...overwritten } }), [], 9)?.fix).toBe(fix)
})

it('explains that the app itself has removed the cookie', () => {
  expect(whyEnded(session({ overwritten: { kind: 'app', at: 5, method: 'GET', path: '/forget' } }), [], 9)).toMatchObject({
    text: 'Its cookie was removed by the response to GET /forget: the app has deleted or set a cookie of the same name.',
    fix: expect.stringContaining('clear(), not deleteCookie()'),
  })
})

it('leaves out of a rejected token\'s sentence what the cause says', () => {
  const cause = { text: 'It was ended by revokeAllSessions().', fix: 'Fix it.', sources: [] }
  expect(withoutCause('The store has no record. It was ended by revokeAllSessions(). Fix it.', cause)).toBe('The store has no record.')
  expect(withoutCause('It was ended by revokeAllSessions(). Fix it.', cause)).toBe('')
  expect(withoutCause('It is superseded.', cause)).toBe('It is superseded.')
})
