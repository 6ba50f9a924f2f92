import { describe, expect, it } from 'vitest'
import { MAX_LIFETIME_MS, cookieEnd, endedBy, expiresAt, isRenewalDue } from '../../src/runtime/core/model/lifetimes'
import { isSealRenewalDue } from '../../src/runtime/core/session/persistence/stored-renewal'

const DAY = 86_400_000
const BORN = 1_000_000
const none = { maxAge: undefined, idleTimeout: undefined }

describe('expiresAt', () => {
  it.each<[session: object, config: object, seconds: number | undefined]>([
    [{}, {}, undefined],
    [{}, { maxAge: 60 }, 60],
    [{}, { idleTimeout: 30 }, 30],
    [{}, { maxAge: 60, idleTimeout: 30 }, 30],
    [{ lastSeenAt: BORN + 20_000 }, { idleTimeout: 30 }, 50],
    [{ lastSeenAt: BORN + 50_000 }, { maxAge: 60, idleTimeout: 30 }, 60],
    [{ lastSeenAt: BORN + 50_000 }, { maxAge: 60 }, 60],
    [{ maxAge: 10 }, { maxAge: 60 }, 10],
    [{ maxAge: 90 }, { maxAge: 60 }, 90],
    [{ maxAge: 90 }, {}, 90],
    [{}, { maxAge: 500 * 86_400 }, 400 * 86_400],
    [{ idleTimeout: 90 }, { idleTimeout: 30 }, 90],
    [{ idleTimeout: 10 }, {}, 10],
    [{ idleTimeout: false }, { idleTimeout: 30 }, undefined],
    [{ idleTimeout: false }, { idleTimeout: 30, maxAge: 60 }, 60],
    [{ idleTimeout: false }, { idleTimeout: 30, storage: 'kept' }, 30 * 86_400],
    [{ idleTimeout: false, maxAge: 90 }, { idleTimeout: 30, storage: 'kept' }, 90],
  ])('of %j with %j is %o seconds after the beginning', (session, config, seconds) => {
    expect(expiresAt({ createdAt: BORN, ...session }, { ...none, ...config })).toBe(seconds === undefined ? undefined : BORN + seconds * 1000)
  })
})

describe('endedBy', () => {
  it.each<[session: object, config: object, after: number, reason: string | undefined]>([
    [{}, { maxAge: 60 }, 59_999, undefined],
    [{}, { maxAge: 60 }, 60_000, 'expired'],
    [{}, { idleTimeout: 30 }, 29_999, undefined],
    [{}, { idleTimeout: 30 }, 30_000, 'idle'],
    [{ lastSeenAt: BORN + 20_000 }, { idleTimeout: 30 }, 49_999, undefined],
    [{ lastSeenAt: BORN + 20_000 }, { idleTimeout: 30 }, 50_000, 'idle'],
    [{}, { maxAge: 30, idleTimeout: 30 }, 30_000, 'expired'],
    [{ maxAge: 90 }, { maxAge: 60 }, 60_000, undefined],
    [{ maxAge: 90 }, { maxAge: 60 }, 90_000, 'expired'],
    [{ maxAge: 10 }, {}, 10_000, 'expired'],
    [{ idleTimeout: 90 }, { idleTimeout: 30 }, 89_999, undefined],
    [{ idleTimeout: 90 }, { idleTimeout: 30 }, 90_000, 'idle'],
    [{ idleTimeout: false }, { idleTimeout: 30 }, DAY, undefined],
    [{ idleTimeout: false }, { idleTimeout: 30 }, 400 * DAY, 'expired'],
    [{}, {}, 400 * DAY - 1, undefined],
    [{}, {}, 400 * DAY, 'expired'],
    [{}, { maxAge: 500 * 86_400 }, 400 * DAY, 'expired'],
    [{ maxAge: 500 * 86_400 }, {}, 400 * DAY, 'expired'],
    [{ lastSeenAt: BORN + 399 * DAY }, { idleTimeout: 10 * 86_400 }, 400 * DAY, 'expired'],
  ])('of %j with %j after %i ms: %o', (session, config, after, reason) => {
    expect(endedBy({ createdAt: BORN, ...session }, { ...none, ...config }, BORN + after)).toBe(reason)
  })
})

describe('isRenewalDue', () => {
  it.each<[session: object, idleTimeout: number | undefined, after: number, due: boolean]>([
    [{}, undefined, DAY, false],
    [{}, 30, 14_999, false],
    [{}, 30, 15_000, true],
    [{ lastSeenAt: BORN + 10_000 }, 30, 24_999, false],
    [{ lastSeenAt: BORN + 10_000 }, 30, 25_000, true],
  ])('of %j with %o after %i ms: %s', (session, idleTimeout, after, due) => {
    expect(isRenewalDue({ createdAt: BORN, ...session }, { maxAge: undefined, idleTimeout }, BORN + after)).toBe(due)
  })
})

describe('isSealRenewalDue', () => {
  it.each<[sealedAt: number | undefined, config: object, after: number, due: boolean, session?: object]>([
    [BORN, {}, DAY, false],
    [BORN, { idleTimeout: 30 }, DAY, false, { idleTimeout: false }],
    [BORN, { idleTimeout: 30 }, 44_999, false, { idleTimeout: 90 }],
    [BORN, { idleTimeout: 30 }, 45_000, true, { idleTimeout: 90 }],
    [undefined, { maxAge: 60 }, DAY, false],
    [BORN, { idleTimeout: 30 }, 14_999, false],
    [BORN, { idleTimeout: 30 }, 15_000, true],
    // Sealed by a server whose clock is ahead.
    [BORN + DAY, { idleTimeout: 30 }, 0, false],
    [undefined, { idleTimeout: 30 }, 0, true],
  ])('of a seal of %o with %j after %i ms: %s', (sealedAt, config, after, due, session) => {
    expect(isSealRenewalDue(sealedAt, { ...session }, { ...none, ...config }, BORN + after)).toBe(due)
  })
})

describe('cookieEnd', () => {
  it('is the session\'s end, at most 400 days from now', () => {
    expect(cookieEnd({ createdAt: BORN }, none, BORN)).toBeUndefined()
    expect(cookieEnd({ createdAt: BORN }, { ...none, maxAge: 60 }, BORN + 1)).toBe(BORN + 60_000)
    expect(cookieEnd({ createdAt: BORN, idleTimeout: 90 }, { ...none, idleTimeout: 30 }, BORN)).toBe(BORN + 90_000)
    expect(cookieEnd({ createdAt: BORN, idleTimeout: false }, { ...none, idleTimeout: 30 }, BORN)).toBeUndefined()
    expect(cookieEnd({ createdAt: BORN + DAY }, { ...none, maxAge: 400 * 86_400 }, BORN)).toBe(BORN + MAX_LIFETIME_MS)
  })
})
