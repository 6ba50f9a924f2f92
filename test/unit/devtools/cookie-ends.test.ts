import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { listOf, observed, session, timelineOf } from './support/observed'

const DENIED: Partial<ObservedMessage> = { kind: 'deny', carrier: 'none', lacksCookie: true, reason: 'SESSION_REQUIRED', explanation: 'Log in first. The request sent no token of the session "h3".' }
const EXPIRED = `${DENIED.explanation} Its cookie expired at 1970-01-01T00:01:00.000Z, so the browser no longer sent it.`

describe('a request that was denied without a cookie', () => {
  it('says that the browser\'s cookie has expired, if it has', () => {
    expect(deniedAt(60_000)).toEqual({ explanation: EXPIRED, unreturned: undefined })
    expect(deniedAt(59_999)).toEqual({ explanation: DENIED.explanation, unreturned: 'GET /' })
  })

  it.each<[string, Partial<ObservedMessage>[], Partial<ObservedMessage>?]>([
    ['a later response has set it again', [{ kind: 'renew', session: session('a'), attributes: 'Max-Age=600', at: 30_000 }]],
    ['the session was cleared', [{ kind: 'clear', before: session('a'), at: 30_000 }]],
    ['it ends with the browser', [{ kind: 'renew', session: session('a'), attributes: 'Path=/', at: 30_000 }]],
    ['it is of another browser', [], { client: 'another' }],
    ['it is of another name', [], { name: 'cart' }],
    ['the request sent one', [], { lacksCookie: undefined }],
  ])('does not, if %s', (_, between, denied) => {
    expect(deniedAt(120_000, between, denied).explanation).toBe(DENIED.explanation)
  })
})

/** The event of a request at a time, after a response at 0 that set a cookie for a minute. */
function deniedAt(startedAt: number, between: Partial<ObservedMessage>[] = [], denied: Partial<ObservedMessage> = {}) {
  const inspector = new Inspector()
  const messages: Partial<ObservedMessage>[] = [
    { kind: 'create', carrier: 'none', session: session('a'), attributes: 'Max-Age=60', tokenHash: 'a', at: 0 }, ...between, { ...DENIED, at: startedAt + 5, ...denied },
  ]
  for (const [index, message] of messages.entries()) {
    const request = `r${index}`
    inspector.record(observed({ client: 'browser', request, startedAt: message === messages.at(-1) ? startedAt : message.at, ...message }))
    inspector.finish({ type: 'sent', request, at: message.at! + 5, status: 200, duration: 5 })
  }
  return { explanation: timelineOf(inspector).at(-1)!.explanation, unreturned: listOf(inspector)[0]!.unreturned }
}
