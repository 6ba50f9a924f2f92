import type { H3Event } from 'h3'
import { describe, expect, it } from 'vitest'
import { explain } from '../../../src/devtools/explain'
import { Inspector } from '../../../src/devtools/inspector'
import type { DeviceActivity } from '../../../src/runtime/server/environment'
import { describeDevice } from '../../../src/runtime/server/devtools/device'
import { skippedReason } from '../../../src/runtime/server/devtools/skipped-reason'
import { tokenFacts } from '../../../src/runtime/server/devtools/token-facts'
import { handleOf, keyOf, observed, session, timelineOf } from './support/observed'

const event = { method: 'POST', path: '/api/_session/device/refresh', node: {} } as unknown as H3Event
const host = { transportOf: () => ({ event, requestHeader: () => undefined }) } as never

function describeStep(activity: Partial<DeviceActivity>) {
  return describeDevice({ event, config: { name: 'h3', storage: 'kept' } as never, outcome: 'refreshed', reason: undefined, handle: handleOf('a'), userId: '7', ...activity }, { host, now: () => 1000 })
}

const explainReject = (unproven: { failure: 'missing' | 'expired' | 'invalid' | 'foreign' | 'header', skipped?: string }) =>
  explain(tokenFacts('Fe26.2*'), 'unproven', { unproven }, 'h3')

describe('the steps of a browser about its key', () => {
  it('are events of its session', () => {
    expect(describeStep({ outcome: 'registered' })).toMatchObject({ kind: 'register', handle: handleOf('a'), storage: 'kept', path: '/api/_session/device/refresh' })
    expect(describeStep({})).toMatchObject({ kind: 'refresh', at: 1000 })
    expect(describeStep({ outcome: 'rejected', reason: 'bound' })).toMatchObject({ kind: 'deny', reason: 'bound', explanation: expect.stringContaining('another key') })
    expect(describeStep({ outcome: 'challenged', reason: 'signature' })).toMatchObject({ kind: 'deny', reason: 'signature', explanation: expect.stringContaining('copy of the cookie') })
    expect(describeStep({ outcome: 'retry', reason: 'throttled' })).toMatchObject({ kind: 'deny', reason: 'throttled', explanation: expect.stringContaining('within a minute') })
  })

  it('are not shown if they say nothing new', () => {
    expect([describeStep({ outcome: 'challenged' }), describeStep({ outcome: 'ended', reason: 'revoked' }), describeStep({ outcome: 'retry' })]).toEqual([undefined, undefined, undefined])
  })

  it('mark a session as bound', () => {
    const inspector = new Inspector()
    inspector.record(observed({ kind: 'create', storage: 'kept', session: session('a') }))
    inspector.record(describeStep({ outcome: 'registered' })!)
    inspector.record(describeStep({})!)
    expect(inspector.find(keyOf('a'))).toMatchObject({ deviceBound: true })
    expect(timelineOf(inspector).map(({ kind, key, hasData }) => [kind, key, hasData])).toEqual([['create', keyOf('a'), true], ['register', keyOf('a'), false], ['refresh', keyOf('a'), false]])
    inspector.record(observed({ storage: 'kept', session: { ...session('b'), device: { x: 'x', y: 'y', at: 1 } } }))
    expect(inspector.find(keyOf('b'))).toMatchObject({ deviceBound: true })
  })
})

describe('a session without a proof', () => {
  it.each([
    ['missing', undefined, 'There is no cookie "h3-device".'],
    ['missing', 'quota_exceeded', 'Raise deviceBound.lifetime.'],
    ['missing', 'unreachable', 'did not answer'],
    ['missing', 'server_error', 'the endpoint failed'],
    ['missing', 'another', 'The browser did not renew the proof: another.'],
    ['expired', undefined, 'has ended'],
    ['foreign', undefined, 'of another session or key'],
    ['invalid', undefined, 'keep the old one'],
    ['header', undefined, 'send the cookies'],
  ] as const)('is explained: %s, %s', (failure, skipped, text) => {
    expect(explainReject({ failure, skipped })).toContain(text)
  })

  it('has the reason that the browser gives for its own session', () => {
    const reasonIn = (header?: string) => skippedReason('h3', { requestHeader: () => header })
    expect(reasonIn('quota_exceeded;session_identifier="h3"')).toBe('quota_exceeded')
    expect(reasonIn('unreachable;session_identifier="cart", server_error;session_identifier="h3@localhost:3000"')).toBe('server_error')
    expect([reasonIn('unreachable;session_identifier="cart"'), reasonIn('h3'), reasonIn()]).toEqual([undefined, undefined, undefined])
  })
})
