import { describe, expect, it } from 'vitest'
import { describeOverwrite } from '../../../src/devtools/explain-overwritten'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage, SentReport } from '../../../src/runtime/server/devtools/messages'
import { keyOf, observed, session, timelineOf } from './support/observed'

const USER = { ...session('b', { n: 1 }), userId: 'ada' }
const COOKIE = { attributes: 'Path=/', client: 'browser' }
/** A request that had read the session when the call came, and writes it later. */
const SLOW = { method: 'GET', path: '/slow', request: 'slow', startedAt: 1000, at: 3000, ...COOKIE }
const READ: Partial<ObservedMessage> = { ...SLOW, at: 1001, attributes: undefined, session: session('a', { n: 1 }) }
const WRITE: Partial<ObservedMessage> = { ...SLOW, kind: 'update', before: session('a', { n: 1 }), session: session('a', { n: 1, w: 1 }) }
const WRITTEN = sent('slow', 3010, 1000)
const LOGIN: Partial<ObservedMessage> = { kind: 'regenerate', method: 'POST', path: '/login', request: 'login', startedAt: 2000, at: 2001, before: session('a', { n: 1 }), session: USER, ...COOKIE }
const LOGGED_IN = sent('login', 2010, 2000)
const LOGOUT: Partial<ObservedMessage> = { kind: 'clear', method: 'POST', path: '/logout', request: 'logout', startedAt: 2000, at: 2001, before: session('a', { n: 1 }), client: 'browser' }
const LOGGED_OUT = sent('logout', 2010, 2000)
const DENIED: Partial<ObservedMessage> = { kind: 'deny', reason: 'SESSION_REQUIRED', explanation: 'Log in first.', path: '/me', startedAt: 4000, at: 4001, before: session('a', { n: 1, w: 1 }) }

const CLEARED = { at: 2001, method: 'POST', path: '/logout' }
const UNDONE = { ...CLEARED, undoneBy: { method: 'GET', path: '/slow' } }

describe('a new id whose cookie the response to a running request replaces', () => {
  it('is marked, and explains why the next request is denied', () => {
    const { inspector, find } = record(LOGIN, LOGGED_IN, WRITE, WRITTEN, DENIED)
    const by = { kind: 'old cookie', at: 3010, method: 'GET', path: '/slow', call: { kind: 'regenerate', method: 'POST', path: '/login' } }
    expect(find('b')).toMatchObject({ overwritten: by })
    expect(find('a')).toMatchObject({ ended: undefined, next: undefined })
    expect(timelineOf(inspector).at(-1)).toMatchObject({
      key: keyOf('a'), next: keyOf('b'),
      explanation: 'Log in first. POST /login gave the session a new id (ada), but GET /slow was running and set the cookie with its old id. The cookie of that response has replaced the new one.',
    })
  })

  it('is the newest one, if the session got another new id in between', () => {
    const second: Partial<ObservedMessage> = { ...LOGIN, path: '/second', request: 'second', startedAt: 2100, before: USER, session: session('c') }
    const { find, inspector } = record(LOGIN, LOGGED_IN, second, sent('second', 2110, 2100), WRITE, WRITTEN, DENIED)
    expect(find('c')!.overwritten).toMatchObject({ path: '/slow' })
    expect(find('b')!.overwritten).toBeUndefined()
    expect(timelineOf(inspector).at(-1)).toMatchObject({ next: keyOf('c') })
  })

  it('is that of the last login, if another one has replaced the first', () => {
    const other = { ...LOGIN, path: '/other', request: 'other', session: session('c') }
    const { inspector } = record(LOGIN, other, LOGGED_IN, sent('other', 2500, 2000), WRITE, WRITTEN, DENIED)
    expect(timelineOf(inspector).at(-1)).toMatchObject({ next: keyOf('c'), explanation: expect.stringContaining('POST /other gave the session a new id') })
  })

  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['was sent before that response', [LOGIN, LOGGED_IN, WRITE, WRITTEN, { ...DENIED, startedAt: 2500 }]],
    ['sends a copy of the cookie that a logout has removed', [LOGOUT, LOGIN, LOGGED_IN, sent('logout', 3000, 2000), DENIED]],
    ['sends a copy of the cookie from before two logins', [{ ...LOGIN, path: '/other', request: 'other', session: session('c') }, LOGIN, LOGGED_IN, sent('other', 3000, 2000), DENIED]],
  ])('does not explain a request that %s', (_, steps) => {
    expect(timelineOf(record(...steps).inspector).at(-1)!.explanation).toBe('Log in first.')
  })

  it('is that of the login which was sent last, also if another one was called later', () => {
    const other: Partial<ObservedMessage> = { ...LOGIN, path: '/other', request: 'other', session: session('c') }
    const { find, inspector } = record(other, LOGIN, LOGGED_IN, sent('other', 2020, 2000), WRITE, WRITTEN, DENIED)
    expect(find('c')!.overwritten).toMatchObject({ path: '/slow' })
    expect(timelineOf(inspector).at(-1)).toMatchObject({ next: keyOf('c'), explanation: expect.stringContaining('POST /other gave the session a new id') })
  })

  it('does not explain a request after a later login whose client left', () => {
    const again: Partial<ObservedMessage> = { ...LOGIN, path: '/again', request: 'again', startedAt: 3500, at: 3501, session: { ...session('c'), userId: 'ada' } }
    const { inspector } = record(LOGIN, LOGGED_IN, WRITE, WRITTEN, again, left('again', 3510, 3500), DENIED)
    expect(timelineOf(inspector).at(-1)).toMatchObject({ next: keyOf('c'), explanation: expect.stringContaining('The browser closed the connection before the response to POST /again') })
  })

  it.each<[string, Partial<ObservedMessage>, boolean]>([
    ['is marked if that request arrives after a fast login, because the browser had sent it before', {}, true],
    ['is not marked if it arrives much later, as a copy of the cookie does', { startedAt: 2211 }, false],
    ['nor if it is one of another browser', { client: 'curl' }, false],
  ])('%s', (_, fields, isMarked) => {
    const { find } = record(LOGIN, LOGGED_IN, { ...WRITE, request: 'late', startedAt: 2015, ...fields }, sent('late', 3010, fields.startedAt ?? 2015))
    expect(find('b')!.overwritten?.path).toBe(isMarked ? '/slow' : undefined)
  })

  it('is marked also if that request wrote before the login, or only renewed the session', () => {
    expect(record({ ...WRITE, at: 1995 }, LOGIN, LOGGED_IN, WRITTEN).find('b')!.overwritten).toMatchObject({ path: '/slow' })
    expect(record(LOGIN, LOGGED_IN, { ...WRITE, kind: 'renew' }, WRITTEN).find('b')!.overwritten).toMatchObject({ path: '/slow' })
  })

  it('is not marked any more if a request with the new cookie, which was running, sets it once more', () => {
    const again: Partial<ObservedMessage> = { ...COOKIE, kind: 'update', path: '/again', request: 'again', startedAt: 2500, at: 2600, before: USER, session: { ...USER, data: { n: 2 } } }
    const { find, inspector } = record(LOGIN, LOGGED_IN, WRITE, again, WRITTEN)
    expect(find('b')!.overwritten).toMatchObject({ path: '/slow' })
    const { cursor } = inspector.changesSince()
    inspector.finish(sent('again', 3500, 2500))
    expect(find('b')!.overwritten).toBeUndefined()
    expect(inspector.changesSince(cursor).sessions, 'the panel gets it').toMatchObject([{ id: 'b' }])
    expect(record(LOGIN, LOGGED_IN, WRITE, again, WRITTEN, left('again', 3500, 2500)).find('b')!.overwritten, 'unless it does not arrive').toMatchObject({ path: '/slow' })
  })

  it('is not marked if the browser sends the new cookie later', () => {
    const { find, inspector } = record(LOGIN, LOGGED_IN, WRITE, WRITTEN, { session: USER, request: 'next', at: 5000, startedAt: 5000 }, { ...DENIED, at: 6000, startedAt: 6000 })
    expect(find('b')!.overwritten).toBeUndefined()
    expect(timelineOf(inspector).at(-1)!.explanation).toBe('Log in first.')
  })

  it('stays marked if a request with the new cookie, from before, reports its read later', () => {
    expect(record(LOGIN, LOGGED_IN, WRITE, WRITTEN, { session: USER, request: 'next', at: 3020, startedAt: 2500 }).find('b')!.overwritten).toMatchObject({ path: '/slow' })
  })

  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['came before that of the login', [LOGIN, WRITE, sent('slow', 2006, 1000), sent('login', 2500, 2000)]],
    ['is not complete', [LOGIN, LOGGED_IN, WRITE]],
    ['came after a login whose response did not arrive', [LOGIN, left('login', 2010, 2000), WRITE, WRITTEN]],
    ['sets no cookie but a header', [LOGIN, LOGGED_IN, { ...WRITE, transport: 'header', attributes: undefined }, WRITTEN]],
    ['sets no cookie', [LOGIN, LOGGED_IN, { ...WRITE, kind: 'load', attributes: undefined }, WRITTEN]],
    ['is that of a later request, with a copy of the cookie', [LOGIN, LOGGED_IN, { ...WRITE, request: 'copy', startedAt: 2500 }, sent('copy', 3010, 2500)]],
    ['is that of another browser, with a copy of the cookie', [LOGIN, LOGGED_IN, { ...WRITE, request: 'copy', client: 'curl' }, sent('copy', 3010, 1000)]],
  ])('is not marked if that response %s', (_, steps) => {
    expect(record(...steps).find('b')!.overwritten).toBeUndefined()
  })
})

describe('a session that parallel calls have ended', () => {
  const AGAIN: Partial<ObservedMessage> = { ...LOGIN, request: 'again', path: '/again', session: session('c') }
  const [CUT, CUT_AGAIN] = [left('login', 2010, 2000), left('again', 2020, 2000)]

  it.each([['in their order', [CUT, CUT_AGAIN]], ['the other way round', [CUT_AGAIN, CUT]]])('goes on if no response arrives, the clients left %s', (_, cuts) => {
    expect(record({ ...READ, session: session('a', { n: 1 }) }, LOGIN, AGAIN, ...cuts).find('a')).toMatchObject({ ended: undefined, next: undefined })
  })

  it('stays ended by the call whose response arrives, also for a request that was running', () => {
    expect(record(LOGIN, AGAIN, CUT_AGAIN, LOGGED_IN, READ).find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
    expect(record(LOGIN, AGAIN, CUT, sent('again', 2020, 2000), READ).find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('c') })
    const third = { ...LOGIN, request: 'third', session: session('d') }
    expect(record(LOGIN, AGAIN, third, CUT, CUT_AGAIN, sent('third', 2030, 2000)).find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('d') })
  })

  it('stays ended if one of the calls has moved it to a store, which has ended it', () => {
    expect(record(LOGOUT, { ...LOGIN, storage: 'kept' }, left('logout', 2005, 2000), CUT).find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
  })

  it('goes on after two calls of one response that does not arrive', () => {
    const { find } = record(READ, LOGOUT, { ...LOGOUT, at: 2002 }, left('logout', 2010, 2000))
    expect(find('a')).toMatchObject({ ended: undefined })
  })
})

describe('a new id whose cookie another response to a parallel request replaces or removes', () => {
  const other = { ...LOGIN, path: '/other', request: 'other', session: { ...session('c'), userId: 'bob' } }

  it.each([['after', [LOGIN, other]], ['before', [other, LOGIN]]])('is marked if another login is sent last, also if it called regenerate() %s', (_, calls) => {
    const { find } = record(...calls, LOGGED_IN, sent('other', 3000, 2000))
    expect(find('b')!.overwritten).toEqual({ kind: 'other session', at: 3000, method: 'POST', path: '/other' })
    expect(find('c')!.overwritten).toBeUndefined()
    expect(find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('c') })
  })

  it.each([['after', [LOGIN, LOGOUT]], ['before', [LOGOUT, LOGIN]]])('is marked if a logout is sent last, also if it called clear() %s, and explains the next denied request', (_, calls) => {
    const { find, inspector } = record(...calls, LOGGED_IN, sent('logout', 3000, 2000), { ...DENIED, before: undefined, transport: 'none', lacksCookie: true, client: 'browser' })
    expect(find('b')!.overwritten).toEqual({ kind: 'removal', at: 3000, method: 'POST', path: '/logout', call: { kind: 'regenerate', method: 'POST', path: '/login' } })
    expect(find('a')).toMatchObject({ ended: 'cleared', cleared: CLEARED })
    expect(timelineOf(inspector).at(-1)!.explanation).toMatch(/POST \/login gave the session a new id \(ada\), but POST \/logout was running and removed its cookie\.$/)
  })

  it('was replaced, not removed, if the logout has begun another session', () => {
    const flash: Partial<ObservedMessage> = { ...LOGOUT, ...COOKIE, kind: 'create', at: 2002, before: undefined, session: session('c') }
    const { find, inspector } = record(LOGIN, LOGOUT, flash, LOGGED_IN, sent('logout', 3000, 2000))
    expect(find('b')!.overwritten).toEqual({ kind: 'clear', at: 3000, method: 'POST', path: '/logout' })
    expect(find('a')).toMatchObject({ ended: 'cleared', cleared: CLEARED })
    expect(find('c')!.overwritten).toBeUndefined()
    inspector.record(observed({ ...DENIED, before: session('c') }))
    expect(timelineOf(inspector).at(-1), 'explains the next denied request').toMatchObject({
      next: keyOf('b'), explanation: 'Log in first. POST /logout was running in parallel, cleared the session and began another session, whose cookie was set last. The cookie of that response has replaced the new one.',
    })
    const clearedAgain = record(LOGIN, LOGOUT, flash, { ...LOGOUT, before: session('c') }, LOGGED_IN, sent('logout', 3000, 2000))
    expect(clearedAgain.find('b')!.overwritten, 'unless it has cleared that session too').toMatchObject({ kind: 'removal' })
    const named = record(LOGIN, LOGOUT, { ...flash, name: 'cart' }, LOGGED_IN, sent('logout', 3000, 2000))
    expect(named.find('b')!.overwritten, 'or that is one of another name').toMatchObject({ kind: 'removal' })
  })

  it('is not marked if the logout is sent first, or is one of another browser or a header', () => {
    expect(record(LOGOUT, LOGIN, LOGGED_OUT, sent('login', 3000, 2000)).find('b')!.overwritten).toBeUndefined()
    expect(record(LOGIN, LOGGED_IN, { ...LOGOUT, client: 'curl' }, sent('logout', 3000, 2000)).find('b')!.overwritten).toBeUndefined()
    expect(record(LOGIN, LOGGED_IN, { ...LOGOUT, transport: 'header' }, sent('logout', 3000, 2000)).find('b')!.overwritten).toBeUndefined()
  })
})

describe('a clear() that the response to a running request undoes', () => {
  it('names that request, until the session is cleared again', () => {
    const { find, inspector } = record(LOGOUT, LOGGED_OUT, WRITE, WRITTEN)
    expect(find('a')).toMatchObject({ ended: undefined, cleared: UNDONE })
    inspector.record(observed({ session: session('a', { n: 1, w: 1 }), request: 'next', at: 4000, startedAt: 4000 }))
    expect(find('a'), 'a later request').toMatchObject({ ended: undefined, cleared: UNDONE })
    inspector.record(observed({ ...LOGOUT, request: 'again', at: 5000, startedAt: 5000 }))
    expect(find('a')!.cleared).toEqual({ at: 5000, method: 'POST', path: '/logout' })
  })

  it('is found if the request had written before clear(), and its response came after that of the logout', () => {
    expect(record({ ...WRITE, at: 1995 }, LOGOUT, LOGGED_OUT, WRITTEN).find('a')).toMatchObject({ ended: undefined, cleared: UNDONE })
  })

  it('is found for the second of two requests if the first did not arrive', () => {
    const other = { ...WRITE, request: 'other', path: '/other' }
    expect(record(LOGOUT, LOGGED_OUT, WRITE, other, left('slow', 3005, 1000), sent('other', 3010, 1000)).find('a'))
      .toMatchObject({ ended: undefined, cleared: { ...CLEARED, undoneBy: { method: 'GET', path: '/other' } } })
  })

  it('marks the session that the logout has begun', () => {
    const flash: Partial<ObservedMessage> = { ...LOGOUT, ...COOKIE, kind: 'create', at: 2002, before: undefined, session: session('c') }
    const { find } = record(LOGOUT, flash, LOGGED_OUT, WRITE, WRITTEN)
    expect(find('a')).toMatchObject({ ended: undefined, cleared: UNDONE })
    expect(find('c')!.overwritten).toEqual({ kind: 'old cookie', at: 3010, method: 'GET', path: '/slow', call: { kind: 'clear', method: 'POST', path: '/logout' } })
    expect(describeOverwrite(find('c')!.overwritten!)).toBe('POST /logout cleared a session and began this one, but GET /slow was running and set the cookie of the cleared one again.')
  })

  it('is found for a request that began after clear(), but before its response was sent', () => {
    expect(record(LOGOUT, LOGGED_OUT, { ...WRITE, startedAt: 2005 }, sent('slow', 3010, 2005)).find('a')).toMatchObject({ ended: undefined, cleared: UNDONE })
  })

  it('is found if a login was sent in between', () => {
    expect(record(LOGOUT, LOGGED_OUT, LOGIN, sent('login', 2500, 2000), WRITE, WRITTEN).find('a')).toMatchObject({ ended: undefined, cleared: UNDONE })
  })

  it('does not stay if the response of the logout was sent last', () => {
    const other = { ...WRITE, request: 'other', path: '/other', at: 1995 }
    const { cleared } = record(other, sent('other', 1999, 1000), { ...LOGOUT, startedAt: 1500 }, WRITE, WRITTEN, sent('logout', 3500, 1500)).find('a')!
    expect(cleared).toEqual(CLEARED)
  })

  it('is found for clear() in the panel, whose response is not reported', () => {
    const panel = { ...LOGOUT, method: 'DevTools', path: '', client: undefined }
    expect(record(panel, WRITE, WRITTEN).find('a')).toMatchObject({ ended: undefined, cleared: { method: 'DevTools', undoneBy: { path: '/slow' } } })
    expect(record(panel, { ...READ, request: 'copy', startedAt: 3000 }).find('a'), 'a copy').toMatchObject({ ended: undefined })
  })

  it('is found for an inner request, which began later than the page that it is for', () => {
    const inner = { ...WRITE, request: 'inner', answeredBy: 'page', path: '/api', client: 'inner', at: 2505, startedAt: 2500 }
    const before = record(LOGOUT, LOGGED_OUT, inner, sent('inner', 2510, 2500))
    expect(before.find('a'), 'not before the page is complete').toMatchObject({ ended: 'cleared', cleared: CLEARED })
    before.inspector.finish(sent('page', 3000, 1000))
    expect(before.find('a')).toMatchObject({ ended: undefined, cleared: { undoneBy: { path: '/api' } } })
    const cut = record(LOGOUT, LOGGED_OUT, inner, sent('inner', 2510, 2500), left('page', 3000, 1000)).find('a')!
    expect(cut).toMatchObject({ ended: 'cleared' })
    expect(cut.cleared).toEqual(CLEARED)
  })

  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['came before that of the logout', [LOGOUT, WRITE, sent('slow', 2006, 1000), sent('logout', 2500, 2000)]],
    ['is not complete', [LOGOUT, LOGGED_OUT, WRITE]],
    ['sets no cookie but a header', [LOGOUT, LOGGED_OUT, { ...WRITE, transport: 'header', attributes: undefined }, WRITTEN]],
    ['sets no cookie', [LOGOUT, LOGGED_OUT, { ...WRITE, kind: 'load', attributes: undefined }, WRITTEN]],
    ['is of another browser, whose copy of the cookie it sets', [LOGOUT, LOGGED_OUT, { ...WRITE, client: 'curl' }, WRITTEN]],
  ])('is none if that response %s', (_, steps) => {
    const { ended, cleared } = record(...steps).find('a')!
    expect({ ended, cleared }).toEqual({ ended: 'cleared', cleared: CLEARED })
  })

  it('is none if a later request sends a copy of the cookie', () => {
    const { ended, cleared } = record(LOGOUT, LOGGED_OUT, { ...WRITE, request: 'copy', startedAt: 2500 }, sent('copy', 3010, 2500)).find('a')!
    expect({ ended, cleared }).toEqual({ ended: undefined, cleared: CLEARED })
    const copies = ['one', 'two'].map(request => ({ ...WRITE, request, startedAt: 2500 }))
    expect(record(LOGOUT, LOGGED_OUT, ...copies, sent('one', 3010, 2500), sent('two', 3020, 2500)).find('a')!.cleared, 'nor if two do in parallel').toEqual(CLEARED)
  })
})

describe('a session whose id has changed', () => {
  it.each([['in a cookie', undefined], ['in a store', 'kept']])('stays ended if a request that was running reports its read later: %s', (_, storage) => {
    const { find } = record({ ...LOGIN, storage }, LOGGED_IN, { ...READ, storage, request: 'late', startedAt: 1999, at: 2020 })
    expect(find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
  })

  it('goes on if a later request sends a copy of its cookie', () => {
    expect(record(LOGIN, LOGGED_IN, { ...READ, request: 'late', startedAt: 2211, at: 2220 }).find('a')).toMatchObject({ ended: undefined })
  })
})

describe('a response that does not arrive', () => {
  it.each([['before', true], ['after', false]])('undoes neither a logout nor a login if its browser leaves %s the write', (_, isBefore) => {
    const steps = isBefore ? [left('slow', 2500, 1000), WRITE] : [WRITE, left('slow', 2500, 1000)]
    const logout = record(LOGOUT, LOGGED_OUT, ...steps).find('a')!
    expect(logout).toMatchObject({ ended: 'cleared', cleared: CLEARED })
    expect(logout.cleared).not.toHaveProperty('undoneBy')
    const { find } = record(LOGIN, LOGGED_IN, ...steps)
    expect(find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
    expect(find('b')!.overwritten).toBeUndefined()
  })

  it.each([['a logout', LOGOUT], ['a login', LOGIN]])('ends no cookie session: %s', (_, call) => {
    const cut = left(call.request!, 2010, 2000)
    const notEnded = { ended: undefined, cleared: undefined, next: undefined }
    expect(record(call, cut).find('a')).toMatchObject(notEnded)
    expect(record(call, WRITE, cut, WRITTEN).find('a'), 'with another request').toMatchObject(notEnded)
    expect(record({ ...READ, request: call.request }, cut, call).find('a'), 'before the call').toMatchObject(notEnded)
  })

  it('ends no session of another name either', () => {
    const cart = { name: 'cart' }
    const { inspector, find } = record({ ...READ, ...cart }, LOGOUT, { ...LOGOUT, ...cart }, left('logout', 2010, 2000))
    expect([find('a'), inspector.find(keyOf('a', 'cart'))]).toMatchObject([{ ended: undefined }, { ended: undefined }])
  })

  it('ends a stored session, also one that a login has moved to the store', () => {
    expect(record({ ...READ, storage: 'kept' }, LOGOUT, left('logout', 2010, 2000)).find('a')).toMatchObject({ ended: 'cleared', cleared: CLEARED })
    expect(record({ ...LOGIN, storage: 'kept' }, left('login', 2010, 2000)).find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
  })
})

/** The response to a request is complete. */
function sent(request: string, at: number, startedAt: number): SentReport {
  return { type: 'sent', request, at, duration: at - startedAt, status: 200 }
}

/** The browser has left before the response to a request. */
function left(request: string, at: number, startedAt: number): SentReport {
  return { ...sent(request, at, startedAt), status: undefined }
}

/** A session after messages and responses. The slow request has read it. */
function record(...steps: (Partial<ObservedMessage> | SentReport)[]) {
  const inspector = new Inspector()
  inspector.record(observed(READ))
  for (const step of steps) {
    if (step.type === 'sent') inspector.finish(step)
    else inspector.record(observed(step))
  }
  return { inspector, find: (id: string) => inspector.find(keyOf(id)) }
}
