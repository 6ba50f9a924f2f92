import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage, SentReport } from '../../../src/runtime/server/devtools/messages'
import { keyOf, observed, session, timelineOf } from './support/observed'

const BROWSER = { client: 'browser', startedAt: 1000 }
const READ: Partial<ObservedMessage> = { ...BROWSER, session: session('a', { n: 0 }), expiresAt: 10, tokenHash: 'read', request: 'first' }
const COOKIE = { ...BROWSER, attributes: 'Path=/' }
const SLOW = write('slow', { n: 0, slow: 1 })
const OK = write('ok', { n: 0, ok: 1 })
const LOGIN: Partial<ObservedMessage> = { ...COOKIE, kind: 'regenerate', method: 'POST', path: '/login', request: 'login', before: session('a', { n: 0 }), session: { ...session('b'), userId: 'ada' } }
const FIRST_LOGIN: Partial<ObservedMessage> = { ...LOGIN, kind: 'create', transport: 'none', before: undefined }
const UNDELIVERED = { at: expect.any(Number), method: 'POST', path: '/login' }
const NOT_RECEIVED = 'The browser closed the connection before the response to POST /login, so it does not have the cookie of the new session (ada).'

describe('a cookie session whose write does not reach the browser', () => {
  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['before the write', [{ ...READ, request: 'slow' }, left('slow'), SLOW]],
    ['after it', [SLOW, left('slow')]],
  ])('shows the data from before it, with its writers and its end, if the client left %s', (_, steps) => {
    const { inspector, find, data } = record(...steps)
    expect(data()).toEqual({ n: 0 })
    expect(find('a')).toMatchObject({ expiresAt: 10, writers: undefined })
    expect(timelineOf(inspector).at(-1), 'the event is listed').toMatchObject({ kind: 'update', changes: ['+slow'] })
  })

  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['before it', [OK, sent('ok'), SLOW, left('slow')]],
    ['before it, and the client left before the write', [{ ...READ, request: 'slow' }, OK, sent('ok'), left('slow'), SLOW]],
    ['after it', [SLOW, OK, sent('ok'), left('slow')]],
    ['while it was running, and wrote first', [OK, SLOW, left('slow'), sent('ok')]],
    ['and was read', [SLOW, OK, sent('ok'), { ...READ, request: 'next', session: session('a', { n: 0, ok: 1 }) }, left('slow')]],
  ])('shows that of a parallel write which was sent %s', (_, steps) => {
    const { find, data } = record(...steps)
    expect(data()).toEqual({ n: 0, ok: 1 })
    expect(find('a')!.writers).toContainEqual(expect.objectContaining({ key: 'ok', path: '/ok' }))
  })

  it('stays ended by a parallel login', () => {
    const { find, data } = record(SLOW, LOGIN, sent('login'), left('slow'))
    expect(find('a')).toMatchObject({ ended: 'regenerated', next: keyOf('b') })
    expect(data()).toEqual({ n: 0 })
  })

  it('shows what the panel has written in the meantime', () => {
    expect(record(SLOW, { ...OK, method: 'DevTools', path: '', client: undefined }, left('slow')).data()).toEqual({ n: 0, ok: 1 })
  })

  it('shows the data from before two parallel writes, if none reaches the browser', () => {
    expect(record(SLOW, OK, left('slow'), left('ok')).data()).toEqual({ n: 0 })
  })

  it('shows what a request with a copy of an older cookie has read before it', () => {
    const copy = { startedAt: 2201, at: 2500 }
    expect(record(OK, sent('ok'), { ...READ, ...copy, request: 'slow' }, { ...SLOW, ...copy }, left('slow')).data()).toEqual({ n: 0 })
  })

  it('shows it to a panel that had shown the write, which gets nothing if the write arrives', () => {
    const after = (report: SentReport) => {
      const { inspector } = record(SLOW)
      const { cursor } = inspector.changesSince()
      inspector.finish(report)
      return inspector.changesSince(cursor).sessions
    }
    expect(after(left('slow'))).toMatchObject([{ data: { n: 0 } }])
    expect(after(sent('slow'))).toEqual([])
  })

  it('shows the write if it is in a store', () => {
    expect(record({ ...SLOW, storage: 'kept' }, left('slow')).data()).toEqual({ n: 0, slow: 1 })
  })
})

it('shows of two parallel writes the one whose response was sent last', () => {
  expect(record(SLOW, OK, sent('ok'), sent('slow')).data()).toEqual({ n: 0, slow: 1 })
  expect(record(SLOW, OK, sent('slow'), sent('ok')).data()).toEqual({ n: 0, ok: 1 })
})

it('shows what was written, also after a request that began before has read the older cookie', () => {
  const late = { ...READ, request: 'late', startedAt: 2000, at: 2500 }
  expect(record(OK, sent('ok'), late).data()).toEqual({ n: 0, ok: 1 })
  expect(record(OK, sent('ok'), late, { ...SLOW, at: 2600, request: 'late' }, left('late'), late).data(), 'and has not written').toEqual({ n: 0, ok: 1 })
  const inner = { ...OK, kind: 'load' as const, request: 'inner', answeredBy: 'ok', at: 2500 }
  expect(record(OK, SLOW, sent('ok'), sent('slow'), inner).data(), 'an inner request after the headers of its page').toEqual({ n: 0, slow: 1 })
  expect(record(OK, sent('ok'), { ...late, startedAt: 2201 }).data(), 'a later request with a copy of the older cookie').toEqual({ n: 0 })
  expect(record(OK, left('ok'), late).data()).toEqual({ n: 0 })
  expect(record(OK, left('ok'), { ...inner, session: OK.session }).data(), 'an inner request of an aborted page').toEqual({ n: 0 })
})

describe('a new session whose cookie does not reach the browser', () => {
  it.each<[string, (Partial<ObservedMessage> | SentReport)[]]>([
    ['after a login', [LOGIN, left('login')]],
    ['before the login', [{ ...READ, request: 'login' }, left('login'), LOGIN]],
    ['before a login and a write in the same request', [{ ...READ, request: 'login' }, left('login'), LOGIN, { ...LOGIN, kind: 'update', before: session('b'), session: { ...session('b', { n: 1 }), userId: 'ada' } }]],
    ['after a login into a store', [{ ...LOGIN, storage: 'kept' }, left('login')]],
    ['after a login without an earlier session', [FIRST_LOGIN, left('login')]],
    ['after a login with the cookie of a session that has expired', [{ ...FIRST_LOGIN, transport: 'cookie' }, left('login')]],
  ])('is marked if the client left %s', (_, steps) => {
    expect(record(...steps).find('b')!.undelivered).toEqual(UNDELIVERED)
  })

  it('shows all that its response has written', () => {
    const { inspector } = record(LOGIN, { ...LOGIN, kind: 'update', before: session('b'), session: session('b', { n: 1 }) }, left('login'))
    expect(inspector.dataOf(keyOf('b'))!.data).toEqual({ n: 1 })
  })

  it('is not marked if the response was sent, or the browser sends its cookie', () => {
    expect(record(LOGIN, sent('login')).find('b')!.undelivered).toBeUndefined()
    expect(record(LOGIN, left('login'), { ...READ, session: session('b'), request: 'next' }).find('b')!.undelivered).toBeUndefined()
    expect(record({ ...LOGIN, attributes: undefined }, left('login')).find('b')!.undelivered, 'no cookie was to be sent').toBeUndefined()
    expect(record({ ...SLOW, before: session('b'), session: session('b', { n: 1 }) }, left('slow')).find('b')!.undelivered, 'the browser has sent its cookie').toBeUndefined()
  })

  const denied: Partial<ObservedMessage> = { kind: 'deny', explanation: 'Log in first.', path: '/me', client: 'browser', request: 'me', at: 9000, startedAt: 9000 }

  it('explains why the next request is denied', () => {
    const { inspector } = record(LOGIN, left('login'), { ...denied, before: session('a', { n: 0 }) })
    expect(timelineOf(inspector).at(-1)).toMatchObject({ explanation: `Log in first. ${NOT_RECEIVED}`, key: keyOf('a'), next: keyOf('b') })
  })

  it('does not explain it for a request that began before, or after another login whose response was sent', () => {
    const denial = { ...denied, before: session('a', { n: 0 }) }
    const again = { ...LOGIN, request: 'again', session: { ...session('c'), userId: 'ada' } }
    for (const steps of [[LOGIN, left('login'), { ...denial, startedAt: -1 }], [LOGIN, left('login'), again, sent('again'), denial]])
      expect(timelineOf(record(...steps).inspector).at(-1)!.explanation).not.toContain('closed the connection')
  })

  it('explains that also if there was no session before', () => {
    const inspector = new Inspector()
    inspector.record(observed(FIRST_LOGIN))
    inspector.finish(left('login'))
    inspector.record(observed({ ...denied, transport: 'none', lacksCookie: true }))
    expect(timelineOf(inspector).at(-1)).toMatchObject({ explanation: `Log in first. ${NOT_RECEIVED}`, key: keyOf('b') })
    expect(inspector.find(keyOf('b'))!.unreturned).toBeUndefined()
  })
})

function write(request: string, data: Record<string, unknown>): Partial<ObservedMessage> {
  return { ...COOKIE, kind: 'update', request, path: `/${request}`, before: session('a', { n: 0 }), session: session('a', data), expiresAt: 20, tokenHash: request }
}

/** The response to a request is sent. */
function sent(request: string): SentReport {
  return { type: 'sent', request, at: 2000, duration: 1000, status: 200 }
}

/** The client has left before the response to a request. */
function left(request: string): SentReport {
  return { ...sent(request), status: undefined }
}

/** Sessions after messages and responses. The browser has sent the cookie of the first. */
function record(...steps: (Partial<ObservedMessage> | SentReport)[]) {
  const inspector = new Inspector()
  inspector.record(observed(READ))
  inspector.finish(sent('first'))
  for (const step of steps) {
    if (step.type === 'sent') inspector.finish(step)
    else inspector.record(observed(step))
  }
  return { inspector, find: (id: string) => inspector.find(keyOf(id)), data: () => inspector.dataOf(keyOf('a'))?.data }
}
