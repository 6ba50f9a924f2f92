import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { observed, session, timelineOf } from './support/observed'

const DENIED: Partial<ObservedMessage> = { kind: 'deny', transport: 'none', name: 'typo', configured: ['h3', 'kept'], explanation: 'Log in first.' }
const HINT = 'Log in first. No session "typo" is configured, and the server has seen none since it started: check the name. Known: "h3", "kept".'

describe('a request that was denied without a token', () => {
  it('names the configured sessions, if none has the name that it requires', () => {
    expect(explanationOf(DENIED)).toBe(HINT)
  })

  it.each<[string, Partial<ObservedMessage>[]]>([
    ['the name is configured', [{ ...DENIED, configured: ['h3', 'typo'] }]],
    ['a call has created such a session', [{ kind: 'create', name: 'typo', session: session('a') }, DENIED]],
    ['the request has sent a token', [{ ...DENIED, transport: 'cookie' }]],
    ['it comes from another failure', [{ ...DENIED, configured: undefined }]],
  ])('does not, if %s', (_, messages) => {
    expect(explanationOf(...messages)).toBe('Log in first.')
  })
})

function explanationOf(...messages: Partial<ObservedMessage>[]): string | undefined {
  const inspector = new Inspector()
  for (const message of messages) inspector.record(observed(message))
  return timelineOf(inspector).at(-1)!.explanation
}
