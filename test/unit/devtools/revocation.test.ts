import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import { describeEnd } from '../../../src/devtools/revocation'
import type { InspectedToken, ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { tokenFacts } from '../../../src/runtime/server/devtools/token-facts'
import { handleOf, keyOf, observed, session, timelineOf } from './support/observed'

const REVOKE: Partial<ObservedMessage> = { kind: 'revoke', transport: 'unknown', storage: 'kept', method: 'POST', path: '/api/revoke' }
const OWN = { handle: handleOf('a') }
const NO_EVENT = { method: '', path: '' }

describe('a session that was ended by a call', () => {
  it.each<[string, Partial<ObservedMessage>, text: string, fix: string]>([
    ['its handle', OWN, 'It was ended by revokeSession() in POST /api/revoke.', 'If this session should stay, do not revoke it there.'],
    ['its user', { group: { userId: 'ada' } }, 'It was ended by revokeUserSessions("ada") in POST /api/revoke.', 'If this session should stay, pass it as "except".'],
    ['its user, except one', { group: { userId: 'ada', except: handleOf('b') } }, 'It was ended by revokeUserSessions("ada", { except }) in POST /api/revoke.', 'If this session should stay, pass it as "except".'],
    ['its name', { group: { name: 'h3' } }, 'It was ended by revokeAllSessions({ name: "h3" }) in POST /api/revoke.', 'It ends the sessions of all users. For those of one user, call revokeUserSessions(userId).'],
    ['the store', { group: {} }, 'It was ended by revokeAllSessions() in POST /api/revoke.', 'It ends the sessions of all users. For those of one user, call revokeUserSessions(userId).'],
    ['a login', { ...OWN, maxUserSessions: 2, path: '/api/login' },
      'It was ended by maxUserSessions (2): the login POST /api/login of its user went above it, and this was the oldest session.', 'For more sessions of a user at once, raise maxUserSessions.'],
    ['a call without an event', { group: { userId: 'ada' }, ...NO_EVENT }, 'It was ended by revokeUserSessions("ada"), a call without an event at server/x.ts:1.',
      'If this session should stay, pass it as "except". With the option "event", the request of the call is shown here.'],
    ['DevTools', { ...OWN, method: 'DevTools', path: '' }, 'It was ended by DevTools.', ''],
    ['clear()', { kind: 'clear', before: session('a') }, 'It was cleared by POST /api/revoke.', 'If the visitor should stay logged in, do not call clear() there.'],
    ['clear() in the browser', { kind: 'clear', before: session('a'), method: 'DELETE', path: '/api/_session', isClientCall: true },
      'It was cleared by useClientSession().clear() in the browser (DELETE /api/_session).', 'If the visitor should stay logged in, do not call it in the page.'],
  ])('says so, and how to keep it: by %s', (_, message, text, fix) => {
    const inspector = ended(message)
    expect(describeEnd(inspector.find(keyOf('a'))!)).toEqual({ text, fix })
    expect(rejected(inspector, { record: 'missing' }, 'expired'), 'the record is removed later').toBe(`The store "kept" has no record of the session any more. ${text} ${fix}`.trimEnd())
    expect(rejected(inspector, {}, 'revoked')).toBe(`${text} ${fix}`.trimEnd())
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['has created it', { kind: 'create', transport: 'none' }],
    ['had read it before', { kind: 'load' }],
  ])('says so if the request that %s is reported later, as of parallel logins', (_, message) => {
    const inspector = new Inspector()
    const end: Partial<ObservedMessage> = { ...REVOKE, ...OWN, maxUserSessions: 2, path: '/api/login', before: { ...session('a'), id: undefined } }
    const own = { storage: 'kept', session: { ...session('a'), userId: 'ada' }, tokenHash: 'A' }
    if (message.kind === 'load') inspector.record(observed(own))
    inspector.record(observed(end), ['server/x.ts:1'])
    inspector.record(observed({ ...own, ...message }))
    expect(inspector.find(keyOf('a'))).toMatchObject({ ended: 'revoked', revoked: { by: 'maxUserSessions', path: '/api/login', source: 'server/x.ts:1' } })
    expect(rejected(inspector, {}, 'revoked')).toMatch(/^It was ended by maxUserSessions \(2\): the login POST \/api\/login of its user went above it/)
  })

  it('says so if its token was rejected before the end was reported', () => {
    const inspector = new Inspector()
    inspector.record(observed({ storage: 'kept', session: { ...session('a'), userId: 'ada' }, tokenHash: 'A' }))
    expect(rejected(inspector, {}, 'revoked')).toMatch(/^It is revoked/)
    const { cursor } = inspector.changesSince()
    inspector.record(observed({ ...REVOKE, ...OWN, maxUserSessions: 2 }))
    expect(timelineOf(inspector).find(({ kind }) => kind === 'reject')!.explanation).toMatch(/^It was ended by maxUserSessions \(2\)/)
    expect(inspector.changesSince(cursor).requests).toHaveLength(2)
  })

  it('has no call that was not recorded', () => {
    const inspector = new Inspector()
    expect(rejected(inspector, {}, 'revoked')).toBe('It is revoked: the session was ended by clear(), revokeSession(), revokeUserSessions(), revokeAllSessions() or maxUserSessions. The visitor must log in again.')
    expect(rejected(inspector, { record: 'missing' }, 'expired')).toMatch(/^The store "kept" has no record of the session: the session has expired or was revoked, or its record was lost or removed\.$/)
  })
})

it.each<[Partial<ObservedMessage>, end: string]>([
  [OWN, ' It was ended by revokeSession() in POST /api/revoke.'], [{ kind: 'clear', before: session('a') }, ' It was cleared by POST /api/revoke.'], [{ ...OWN, kind: 'update' }, ''],
  [{ kind: 'regenerate', storage: 'kept', transport: 'cookie', before: session('a'), session: session('b') }, ' It got a new id by POST /api/revoke.'],
])('a write that came after the end of its session names the call: %#', (message, end) => {
  const inspector = ended(message)
  inspector.record(observed({ kind: 'regenerate', path: '/other', request: 'other', storage: 'kept', before: session('c'), session: session('d') }))
  inspector.record(observed({ kind: 'fail', storage: 'kept', before: session('a'), reason: 'SESSION_CONFLICT', explanation: 'the session ended during this request.' }))
  inspector.record(observed({ kind: 'fail', storage: 'kept', before: session('a'), reason: 'SESSION_TOO_LARGE', explanation: 'the session is too large.' }))
  expect(timelineOf(inspector).slice(-2).map(({ explanation }) => explanation)).toEqual([`the session ended during this request.${end}`, 'the session is too large.'])
})

describe('a stored session whose record was removed after its end', () => {
  it.each<[limit: string | undefined, sentence: string]>([
    ['idleTimeout (4 s)', 'It was not used within idleTimeout (4 s). It ended at 1970-01-01T00:00:05.000Z. For a longer session, raise idleTimeout.'],
    ['maxAge (4 s)', 'It expired at 1970-01-01T00:00:05.000Z, at the end of maxAge (4 s). For a longer session, raise maxAge.'],
    ['the maxAge that regenerate() gave it (4 s)', 'It expired at 1970-01-01T00:00:05.000Z, at the end of the maxAge that regenerate() gave it (4 s). For a longer session, raise maxAge in that call.'],
    ['the idleTimeout that regenerate() gave it (4 s)', 'It was not used within the idleTimeout that regenerate() gave it (4 s). It ended at 1970-01-01T00:00:05.000Z. For a longer session, raise idleTimeout in that call.'],
    [undefined, 'It expired at 1970-01-01T00:00:05.000Z. For a longer session, raise maxAge.'],
  ])('has ended by %s', (limit, sentence) => {
    const inspector = new Inspector()
    inspector.record(observed({ storage: 'kept', session: session('a'), tokenHash: 'A', expiresAt: 5000, limit }))
    const missing = (at: number) => rejected(inspector, { record: 'missing', isInMemory: true }, 'expired', at)
    expect(missing(5000)).toBe(`The store "kept" has no record of the session any more. ${sentence}`)
    expect(rejected(inspector, {}, 'expired', 5000), 'whose seal has expired with it').toBe(sentence)
    expect(rejected(inspector, { expiresAt: 9000, limit: 'maxAge (8 s)' }, 'expired', 9000), 'what its record says').toContain('at the end of maxAge (8 s).')
    expect(missing(4999), 'lost before its end').toMatch(/^The store "kept" has no record of the session: .* If the server was restarted since, it is empty, because it is in memory: use one that keeps its data\.$/)
    inspector.record(observed({ ...REVOKE, ...OWN, at: 4000 }))
    expect(missing(5000), 'revoked before its end').toContain('It was ended by revokeSession()')
  })
})

/** A stored session, ended by a message. */
function ended(message: Partial<ObservedMessage>): Inspector {
  const inspector = new Inspector()
  inspector.record(observed({ storage: 'kept', session: { ...session('a'), userId: 'ada' }, tokenHash: 'A' }))
  inspector.record(observed({ ...REVOKE, ...message }), ['server/x.ts:1'])
  return inspector
}

/** The sentence about its token in a later request. */
function rejected(inspector: Inspector, inspected: InspectedToken, reason: string, at = 1000): string | undefined {
  inspector.record(observed({ at, kind: 'reject', reason, tokenHash: 'A', verdict: 'v' }))
  inspector.explain({ type: 'verdict', of: 'v', reason, name: 'h3', handle: handleOf('a'), token: tokenFacts('Fe26.2*'), inspected: { content: 'reference', storage: 'kept', ...inspected } })
  return timelineOf(inspector).at(-1)!.explanation
}
