import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { keyOf, listOf, observed, session, timelineOf } from './support/observed'

const ADA = session('a', { user: 'ada' })
const LOGIN: Partial<ObservedMessage> = { kind: 'create', transport: 'none', method: 'POST', path: '/login', session: ADA, attributes: 'Path=/', tokenHash: 'a' }
const PLAIN: Partial<ObservedMessage> = { kind: 'unused', path: '/plain', tokenHash: 'a' }
const REMOVE: Partial<ObservedMessage> = { kind: 'remove', path: '/forget', tokenHash: 'a' }
const DENIED: Partial<ObservedMessage> = { kind: 'deny', transport: 'none', lacksCookie: true, path: '/me', explanation: 'Log in first.' }
const REMOVED = 'Its cookie was removed by the response to GET /forget: the app has deleted or set a cookie of the same name.'

describe('a cookie that a request sent without using the session', () => {
  it('has come back, so a later request that lacks it names the request that sent it', () => {
    const { find, explanation } = record([LOGIN], [PLAIN], [DENIED])
    expect(find('a').unreturned).toBeUndefined()
    expect(explanation()).toMatch(/^Log in first\. The cookie of the browser's last session \(ada\) was last sent by GET \/plain\. Since then, the browser has lost it/)
  })

  it('has come back after all, and the panel gets that', () => {
    const { inspector, find, send } = record([LOGIN], [DENIED])
    expect(find('a').unreturned).toBe('GET /me')
    const { cursor } = inspector.changesSince()
    send(PLAIN)
    expect(find('a').unreturned).toBeUndefined()
    const { sessions, requests } = inspector.changesSince(cursor)
    expect(sessions).toMatchObject([{ id: 'a' }])
    expect(requests).toMatchObject([{ events: [{ explanation: expect.stringContaining('A later request sent the cookie') }] }])
  })

  it('changes nothing else: neither the list of requests nor what the panel shows', () => {
    const { inspector, send } = record([LOGIN])
    const { seq } = inspector
    send(PLAIN)
    send({ ...PLAIN, tokenHash: 'unknown' })
    expect(inspector.seq).toBe(seq)
    expect(inspector.requests.all()).toHaveLength(1)
  })

  it('is not the browser\'s last session, if another one began while the request was running', () => {
    const { explanation } = record([LOGIN], [{ ...LOGIN, path: '/again', session: session('b', { user: 'grace' }), tokenHash: 'b' }], [PLAIN], [DENIED])
    expect(explanation()).toContain('last session (grace)')
  })
})

describe('a cookie that the app itself has removed', () => {
  it('marks the session, and explains the next request that lacks it', () => {
    const { find, explanation, inspector } = record([LOGIN], [PLAIN, REMOVE], [DENIED])
    expect(find('a')).toMatchObject({ overwritten: { method: 'GET', path: '/forget', kind: 'app' }, unreturned: undefined })
    expect(explanation()).toBe(`Log in first. ${REMOVED}`)
    expect(timelineOf(inspector).at(-1)).toMatchObject({ key: keyOf('a') })
  })

  it('is that of the session which began in the same request', () => {
    const { find, explanation } = record([LOGIN, { ...REMOVE, tokenHash: undefined }], [DENIED])
    expect([find('a').overwritten?.kind, find('a').unreturned]).toEqual(['app', 'GET /me'])
    expect(explanation()).toBe(`Log in first. ${REMOVED}`)
  })

  it('is that of the new id which the same request gave it', () => {
    const { find } = record([LOGIN], [{ kind: 'regenerate', path: '/forget', before: ADA, session: session('b'), attributes: 'Path=/', tokenHash: 'b' }, REMOVE])
    expect([find('a').overwritten, find('b').overwritten?.kind]).toEqual([undefined, 'app'])
  })

  it('is not named if clear() has ended the session in the same request', () => {
    const { find, explanation } = record([LOGIN], [{ kind: 'clear', path: '/forget', before: ADA }, REMOVE], [DENIED])
    expect([find('a').ended, find('a').overwritten]).toEqual(['cleared', undefined])
    expect(explanation()).toContain('was cleared by GET /forget')
  })

  it.each<[string, Partial<ObservedMessage>]>([
    ['sent no cookie', { tokenHash: undefined }],
    ['sent another cookie', { tokenHash: 'unknown' }],
  ])('is not that of another window of the browser, if the request %s', (_, facts) => {
    expect(record([LOGIN], [{ ...REMOVE, ...facts }]).find('a').overwritten).toBeUndefined()
  })

  it('explains a later request whose session has no user', () => {
    const user = { ...ADA, userId: 'ada' }
    const anonymous = session('b')
    const { explanation } = record(
      [{ ...LOGIN, session: user }], [REMOVE], [{ ...LOGIN, session: anonymous, tokenHash: 'b' }],
      [{ kind: 'deny', reason: 'SESSION_REQUIRED', before: anonymous, explanation: 'Log in first.' }],
    )
    expect(explanation()).toBe(`Log in first. The browser's last session with a user was that of ada. ${REMOVED}`)
  })

  it('is not marked any more once it is sent again, but for a request that was on its way', () => {
    expect(record([LOGIN], [PLAIN, REMOVE], [{ session: ADA, tokenHash: 'a' }]).find('a').overwritten).toBeUndefined()
    expect(record([LOGIN], [PLAIN, REMOVE], [PLAIN]).find('a').overwritten, 'by a request that uses no session').toBeUndefined()
    for (const late of [{ session: ADA, tokenHash: 'a' }, PLAIN])
      expect(record([LOGIN], [REMOVE], [{ ...late, startedAt: 2100, at: 2101 }]).find('a').overwritten).toMatchObject({ kind: 'app' })
  })

  it('is that of the new id which a parallel request gave it before', () => {
    const login: Partial<ObservedMessage> = { kind: 'regenerate', path: '/login', before: ADA, session: session('b'), attributes: 'Path=/', tokenHash: 'b' }
    expect(record([LOGIN], [login], [{ ...REMOVE, startedAt: 1900 }]).find('b').overwritten).toMatchObject({ path: '/forget', kind: 'app' })
    expect(record([LOGIN], [login], [{ ...REMOVE, client: 'another' }]).find('b').overwritten, 'in the same browser').toBeUndefined()
  })
})

/** Requests, a second after each other, each with its messages. Those of the cookies come after the response. */
function record(...requests: Partial<ObservedMessage>[][]) {
  const inspector = new Inspector()
  let count = 0
  const send = (...messages: Partial<ObservedMessage>[]) => {
    const [request, startedAt] = [`r${++count}`, count * 1000]
    const of = (message: Partial<ObservedMessage>) => observed({ client: 'browser', request, startedAt, at: startedAt + 1, ...message })
    const isOfCookie = ({ kind }: Partial<ObservedMessage>) => kind === 'unused' || kind === 'remove'
    const uses = messages.filter(message => !isOfCookie(message))
    for (const message of uses) inspector.record(of(message))
    if (uses.length > 0) inspector.finish({ type: 'sent', request, at: startedAt + 5, status: 200, duration: 5 })
    for (const message of messages.filter(isOfCookie)) inspector.record(of({ ...message, at: startedAt + 5 }))
  }
  for (const messages of requests) send(...messages)
  return {
    inspector, send,
    find: (id: string) => listOf(inspector).find(({ key }) => key === keyOf(id))!,
    explanation: () => timelineOf(inspector).findLast(({ kind }) => kind === 'deny')!.explanation,
  }
}
