import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { keyOf, listOf, observed, session, timelineOf } from './support/observed'

const DENIED: Partial<ObservedMessage> = { kind: 'deny', transport: 'none', lacksCookie: true, reason: 'SESSION_REQUIRED', explanation: 'Log in first. The request sent no token of the session "h3".' }
const EXPIRED = `${DENIED.explanation} Its cookie expired at 1970-01-01T00:01:00.000Z, at the end of the cookie's own lifetime (cookie.maxAge, cookie.expires), so the browser no longer sent it.`
const ADA = session('a', { user: 'ada' })
const LOGOUT: Partial<ObservedMessage> = { kind: 'clear', method: 'POST', path: '/logout', before: ADA, at: 30_000 }

describe('a request that was denied without a cookie', () => {
  it('says that the browser\'s cookie has expired, if it has', () => {
    expect(deniedAt(60_000)).toMatchObject({ explanation: EXPIRED, key: keyOf('a'), user: 'ada', unreturned: undefined })
    expect(deniedAt(59_999)).toMatchObject({ explanation: expect.not.stringContaining('expired'), unreturned: 'GET /' })
  })

  it('names the limit that has ended the session with its cookie', () => {
    const renewed = (expiresAt: number) => ({ kind: 'renew', session: ADA, attributes: 'Max-Age=60', at: 30_000, expiresAt, limit: 'idleTimeout (60 s)' }) as const
    expect(deniedAt(100_000, [renewed(90_500)]).explanation).toContain('Its cookie expired at 1970-01-01T00:01:30.000Z, at the end of idleTimeout (60 s), so')
    expect(deniedAt(100_000, [renewed(200_000)]).explanation).toContain('Its cookie expired at 1970-01-01T00:01:30.000Z, at the end of the cookie\'s own lifetime')
  })

  it('names the call that has cleared the browser\'s last session, and is in its timeline', () => {
    expect(deniedAt(33_000, [LOGOUT])).toMatchObject({ explanation: `${DENIED.explanation} The browser's last session (ada) was cleared by POST /logout 3 s before.`, key: keyOf('a'), user: 'ada' })
    expect(deniedAt(630_000, [LOGOUT]).explanation).toContain('10 min before')
    expect(deniedAt(30_400, [LOGOUT]).explanation).toContain('was cleared by POST /logout just before.')
    expect(deniedAt(30_001, [LOGOUT]), 'it began before the response').toMatchObject({ explanation: DENIED.explanation, key: undefined })
  })

  it('names that call also if another browser has used a copy of the cookie since', () => {
    const copy: Partial<ObservedMessage> = { session: ADA, client: 'another', at: 31_000 }
    expect(deniedAt(50_000, [LOGOUT, copy]).explanation).toContain('The browser\'s last session (ada) was cleared by POST /logout')
    expect(deniedAt(50_000, [LOGOUT, { ...copy, client: 'browser' }]).explanation, 'not if it has used the copy itself').toContain('was last sent by GET /')
  })

  it('names the request that set the cookie which did not come back', () => {
    expect(deniedAt(50_000)).toMatchObject({ explanation: `${DENIED.explanation} The cookie of the browser's last session (ada) was set by POST /login and did not come back.`, key: keyOf('a') })
    const elsewhere: Partial<ObservedMessage> = { session: ADA, at: 30_000, client: 'another' }
    expect(deniedAt(50_000, [elsewhere]).explanation, 'after requests of others').toContain('set by POST /login')
  })

  it('names the request that sent the cookie last, if it did come back', () => {
    const read: Partial<ObservedMessage> = { session: ADA, path: '/me', at: 30_000 }
    expect(deniedAt(50_000, [read])).toMatchObject({ explanation: `${DENIED.explanation} The cookie of the browser's last session (ada) was last sent by GET /me. Since then, the browser has lost it, or left it out: it was deleted, or its Path, Domain or SameSite does not fit this request.`, key: keyOf('a') })
  })

  it.each([0, 20, 60])('is explained %i ms after the response that set or removed the cookie', (delay) => {
    expect(deniedAt(5 + delay).explanation).toContain('was set by POST /login and did not come back.')
    expect(deniedAt(30_005 + delay, [LOGOUT]).explanation).toContain('was cleared by POST /logout')
    expect(deniedAt(4).explanation, 'it began before the response was complete').toBe(DENIED.explanation)
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['writes after its response', { kind: 'update', session: ADA, attributes: 'Max-Age=60', request: 'r0', at: 30_000 }],
    ['writes, and has not responded yet', { kind: 'renew', session: ADA, attributes: 'Max-Age=90', request: 'open', at: 30_000 }],
    ['writes, and whose client leaves', { kind: 'renew', session: ADA, attributes: 'Max-Age=90', request: 'cut', at: 30_000 }],
    ['logs in again, and whose client leaves', { kind: 'create', session: session('b'), attributes: 'Max-Age=90', request: 'cut', at: 30_000 }],
  ])('names the cookie that the browser has, also after a request that %s', (_, late) => {
    const write = (inspector: Inspector) => {
      inspector.record(observed({ client: 'browser', path: '/late', startedAt: 20_000, ...late }))
      if (late.request === 'cut') inspector.finish({ type: 'sent', request: 'cut', at: 40_000, duration: 20_000 })
    }
    expect(deniedAt(50_000, [], {}, undefined, write)).toMatchObject({ explanation: `${DENIED.explanation} The cookie of the browser's last session (ada) was set by POST /login and did not come back.`, key: keyOf('a') })
    expect(deniedAt(60_000, [], {}, undefined, write).explanation).toBe(EXPIRED)
  })

  it('was sent before the browser had the cookie, or left it out, if a later request sends it', () => {
    const later = { explanation: `${DENIED.explanation} A later request sent the cookie of the browser's last session (ada), set by POST /login: the browser sent this one before it had stored the cookie, or left it out because of the cookie's SameSite or Path.`, key: keyOf('a'), user: 'ada', unreturned: undefined }
    expect(deniedAt(6, [], {}, inspector => inspector.record(observed({ client: 'browser', session: ADA, at: 20 })))).toEqual(later)
    expect(deniedAt(6, [], {}, inspector => inspector.markReturned([keyOf('a')]))).toEqual(later)
    expect(deniedAt(30_006, [LOGOUT], {}, inspector => inspector.record(observed({ client: 'browser', session: ADA, at: 40_000 }))).explanation, 'a copy of a cleared cookie').toContain('was cleared by POST /logout')
  })

  it.each<[string, Partial<ObservedMessage>[], Partial<ObservedMessage>?]>([
    ['a later response has set it again', [{ kind: 'renew', session: session('a'), attributes: 'Max-Age=600', at: 30_000 }]],
    ['the session was cleared', [LOGOUT]],
    ['it ends with the browser', [{ kind: 'renew', session: session('a'), attributes: 'Path=/', at: 30_000 }]],
  ])('does not say that the cookie has expired, if %s', (_, between, denied) => {
    expect(deniedAt(120_000, between, denied).explanation).not.toContain('expired')
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['is of another browser', { client: 'another' }],
    ['is of another name', { name: 'cart' }],
    ['sent one', { lacksCookie: undefined }],
  ])('says nothing of the last session, if it %s', (_, denied) => {
    expect(deniedAt(120_000, [], denied)).toMatchObject({ explanation: DENIED.explanation, key: undefined })
  })
})

describe('a request that was denied because its session has no user', () => {
  const USER = { ...session('u', { user: 'ada' }), userId: 'ada', createdAt: 20_000 }
  const LOGIN: Partial<ObservedMessage> = { kind: 'create', transport: 'none', method: 'POST', path: '/login', session: USER, attributes: 'Max-Age=600', at: 20_000, expiresAt: 500_000, limit: 'idleTimeout (60 s)', tokenHash: 'u' }
  const ANONYMOUS = { ...session('b'), createdAt: 40_000 }
  const VISIT: Partial<ObservedMessage> = { kind: 'create', transport: 'none', session: ANONYMOUS, attributes: 'Max-Age=600', at: 40_000 }
  const NO_USER: Partial<ObservedMessage> = { transport: 'cookie', lacksCookie: undefined, before: ANONYMOUS, explanation: 'The session has no user.' }
  const explained = (between: Partial<ObservedMessage>[], denied: Partial<ObservedMessage> = {}, at = 50_000) => deniedAt(at, between, { ...NO_USER, ...denied })

  it.each<[string, Partial<ObservedMessage>[], string]>([
    ['the call that has cleared it', [{ ...LOGOUT, before: USER }], 'It was cleared by POST /logout.'],
    ['the limit that has ended it', [{ kind: 'renew', session: USER, at: 30_000, expiresAt: 45_000, limit: 'idleTimeout (60 s)' }], 'It was not used within idleTimeout (60 s).'],
    ['that its cookie was lost, if nothing else is known', [], 'The browser has lost its cookie since, or left it out'],
  ])('names the last user of its browser, and %s', (_, between, cause) => {
    expect(explained([LOGIN, ...between, VISIT])).toMatchObject({ key: keyOf('b'), explanation: expect.stringContaining(`The session has no user. The browser's last session with a user was that of ada. ${cause}`) })
  })

  it('names why the token of that session was rejected', () => {
    const inspector = new Inspector()
    const of = { client: 'browser', request: 'r', startedAt: 0 }
    inspector.record(observed({ ...LOGIN, ...of }))
    inspector.record(observed({ ...of, kind: 'reject', reason: 'tampered', tokenHash: 'u', verdict: 'v', at: 30_000 }))
    inspector.explain({ type: 'verdict', of: 'v', reason: 'tampered', name: 'h3', token: { isEmpty: false, isSeal: true, parts: 8, isWhole: true }, inspected: {} })
    for (const message of [VISIT, { ...DENIED, ...NO_USER, at: 50_000 }]) inspector.record(observed({ ...message, ...of }))
    expect(timelineOf(inspector).at(-1)!.explanation).toContain('last session with a user was that of ada. No configured password opens it, but this server has accepted it before')
  })

  it.each<[string, Partial<ObservedMessage>[], Partial<ObservedMessage>?]>([
    ['has another reason', [LOGIN, VISIT], { reason: 'SESSION_REAUTHENTICATION_REQUIRED' }],
    ['is of another browser', [{ ...LOGIN, client: 'another' }, VISIT]],
    ['has a session that had a user', [LOGIN, { kind: 'update', before: USER, session: { ...USER, userId: undefined }, at: 30_000 }], { before: { ...USER, userId: undefined } }],
    ['may be of another window, because that session is still in use', [LOGIN, VISIT, { session: USER, at: 45_000 }]],
  ])('names no other session, if it %s', (_, between, denied) => {
    expect(explained(between, denied).explanation).not.toContain('last session')
  })
})

it('has no last session of a header, which no browser keeps', () => {
  const header: Partial<ObservedMessage> = { session: session('x'), client: 'app', at: 20_000 }
  for (const sent of [{ ...header, kind: 'create', transport: 'none' }, { ...header, transport: 'header' }, { ...header, kind: 'clear', transport: 'header', before: session('x'), session: undefined }] as const)
    expect(deniedAt(50_000, [sent], { client: 'app' })).toMatchObject({ explanation: DENIED.explanation, key: undefined })
})

/** The event of a request at a time, after a login at 0 that set a cookie for a minute. */
function deniedAt(startedAt: number, between: Partial<ObservedMessage>[] = [], denied: Partial<ObservedMessage> = {}, then: (inspector: Inspector) => void = () => undefined, before: (inspector: Inspector) => void = () => undefined) {
  const inspector = new Inspector()
  const messages: Partial<ObservedMessage>[] = [
    { kind: 'create', transport: 'none', method: 'POST', path: '/login', session: ADA, attributes: 'Max-Age=60', tokenHash: 'a', at: 0 }, ...between, { ...DENIED, at: startedAt + 5, ...denied },
  ]
  for (const [index, message] of messages.entries()) {
    const request = `r${index}`
    if (message === messages.at(-1)) before(inspector)
    inspector.record(observed({ client: 'browser', request, startedAt: message === messages.at(-1) ? startedAt : message.at, ...message }))
    inspector.finish({ type: 'sent', request, at: message.at! + 5, status: 200, duration: 5 })
  }
  then(inspector)
  const { explanation, key, user } = timelineOf(inspector).find(({ kind }) => kind === 'deny')!
  return { explanation, key, user, unreturned: listOf(inspector).find(each => each.key === keyOf('a'))!.unreturned }
}
