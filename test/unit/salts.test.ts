import { defaults } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { withIterations } from '../../src/runtime/core/config/seal-openers'
import { createDerivation } from '../../src/runtime/core/seal/derivation'
import { KeyDerivation } from '../../src/runtime/core/seal/key-derivation'
import { KeyCache } from '../../src/runtime/core/seal/keys'
import type { SaltedKeys } from '../../src/runtime/core/seal/keys'
import { MAX_SALT_AGE, MAX_SEALS_PER_SALT, SealingSalts } from '../../src/runtime/core/seal/sync-codec'
import { PASSWORD, realCrypto, recordedCrypto } from './support/app'

const START = Date.UTC(2031, 0, 1)
const MINUTE = 60_000
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Salts whose derivations the test can hold back or make fail. */
function createSalts({ iterations = 1, isCached = true, saltBits = { encryption: 256, integrity: 256 } } = {}) {
  const real = realCrypto()
  const control = { isHeld: false, failures: 0, held: [] as (() => void)[] }
  const recorded = recordedCrypto({
    ...real,
    derive: async () => {
      if (control.failures-- > 0) throw new Error('no thread')
      if (control.isHeld) await new Promise<void>(resolve => control.held.push(resolve))
      return new Uint8Array(32)
    },
  })
  const { encryption, integrity, ...seal } = withIterations(defaults, iterations)
  const options = {
    password: PASSWORD, isCached,
    seal: { ...seal, encryption: { ...encryption, saltBits: saltBits.encryption }, integrity: { ...integrity, saltBits: saltBits.integrity } },
  }
  const { derive } = iterations === 1 ? createDerivation(recorded.crypto) : new KeyDerivation(recorded.crypto)
  const keys = new KeyCache(options, derive)
  const salts = new SealingSalts(options, keys, recorded.crypto)
  const take = (now: number) => salts.take(now) as SaltedKeys
  return {
    keys, control, salts, take,
    takeMany: (count: number, now: number) => new Set(Array.from({ length: count }, () => take(now))),
    release: () => control.held.splice(0).forEach(resolve => resolve()),
    derivations: () => recorded.count('derive', 'deriveSync'),
  }
}

it('the limits are the documented ones', () => {
  expect([MAX_SEALS_PER_SALT, MAX_SALT_AGE]).toEqual([10_000, 5 * MINUTE])
})

describe('a pair of salts', () => {
  it('is random, has the configured length, and the keys that iron derives', () => {
    const { take } = createSalts({ saltBits: { encryption: 128, integrity: 250 } })
    const keys = take(START)
    expect(keys.encryptionSalt).toMatch(/^[0-9a-f]{32}$/)
    expect(keys.integritySalt).toMatch(/^[0-9a-f]{64}$/)
    expect(keys.encryption).toEqual(realCrypto().deriveSync(PASSWORD, keys.encryptionSalt, 1))
    expect(keys.integrity).toEqual(realCrypto().deriveSync(PASSWORD, keys.integritySalt, 1))
  })

  it('makes exactly 10,000 seals', () => {
    const { takeMany } = createSalts()
    const pairs = [takeMany(10_000, START), takeMany(10_000, START), takeMany(1, START)]
    expect(pairs.map(each => each.size)).toEqual([1, 1, 1])
    expect(new Set(pairs.flatMap(each => [...each])).size).toBe(3)
  })

  it('is used for exactly 5 minutes', () => {
    const { take } = createSalts()
    const first = take(START)
    expect(take(START + 5 * MINUTE - 1)).toBe(first)
    const second = take(START + 5 * MINUTE)
    expect(second.integritySalt).not.toBe(first.integritySalt)
    expect(take(START + 10 * MINUTE - 1)).toBe(second)
    expect(take(START + 10 * MINUTE)).not.toBe(second)
  })

  it('ends with the first limit, and the next pair has both limits in full', () => {
    const { take, takeMany } = createSalts()
    const first = take(START)
    takeMany(9000, START + 4 * MINUTE)
    const second = take(START + 5 * MINUTE)
    expect(second).not.toBe(first)
    expect(takeMany(9999, START + 10 * MINUTE - 1)).toEqual(new Set([second]))
    const third = take(START + 10 * MINUTE - 1)
    expect(third).not.toBe(second)
    expect(take(START + 15 * MINUTE - 2)).toBe(third)
  })

  it('ends when the clock is set back', () => {
    const { take } = createSalts()
    const first = take(START)
    const second = take(START - 1)
    expect(second).not.toBe(first)
    expect(take(START + 5 * MINUTE - 2)).toBe(second)
    expect(take(START + 5 * MINUTE - 1)).not.toBe(second)
  })

  it('counts its time from its first seal, not from its derivation', () => {
    const { take, derivations } = createSalts()
    take(START)
    take(START + 4 * MINUTE)
    expect(derivations()).toBe(4)
    const second = take(START + 60 * MINUTE)
    expect(derivations()).toBe(4)
    expect(take(START + 65 * MINUTE - 1)).toBe(second)
  })

  it('is in the key cache, because its seals come back', () => {
    const { keys, take } = createSalts()
    const { integritySalt, integrity } = take(START)
    expect(keys.size).toBe(1)
    expect(keys.integrityKey({ integritySalt, derivedIterations: 0 })).toBe(integrity)
  })

  it('is new for each seal if salts are not reused', () => {
    const { keys, takeMany, derivations } = createSalts({ isCached: false })
    const made = [...takeMany(100, START)]
    expect(new Set(made.flatMap(keys => [keys.encryptionSalt, keys.integritySalt])).size).toBe(200)
    expect([keys.size, derivations()]).toEqual([0, 200])
  })
})

describe('the next pair', () => {
  it('is not derived too early', () => {
    const { take, takeMany, derivations } = createSalts()
    takeMany(9000, START)
    take(START + 4 * MINUTE - 1)
    expect(derivations()).toBe(4)
    const other = createSalts()
    other.takeMany(9000, START)
    expect(other.derivations()).toBe(2)
    const third = createSalts()
    third.take(START)
    third.take(START + 4 * MINUTE - 1)
    expect(third.derivations()).toBe(2)
  })

  it.each<[what: string, prepare: (salts: ReturnType<typeof createSalts>) => void, next: number]>([
    ['after 9,000 seals', ({ takeMany }) => void takeMany(9_000, START), START],
    ['after 4 minutes', ({ takeMany }) => void takeMany(8_999, START + 4 * MINUTE), START + 5 * MINUTE],
  ])('is derived once in advance %s, while the first is still used', async (_, prepare, next) => {
    const all = createSalts({ iterations: 2 })
    const first = await all.salts.take(START)
    all.control.isHeld = true
    prepare(all)
    await turn()
    expect(all.derivations()).toBe(4)
    expect(all.takeMany(999, START)).toEqual(new Set([first]))
    expect(all.derivations()).toBe(4)
    all.release()
    await turn()
    expect(await all.salts.take(next)).not.toBe(first)
    expect([all.derivations(), all.control.held]).toEqual([4, []])
  })

  it('is awaited if it is late: the first is not used longer', async () => {
    const { control, salts, take, takeMany, release } = createSalts({ iterations: 2 })
    const first = await salts.take(START)
    control.isHeld = true
    takeMany(9_999, START)
    const [one, two] = [salts.take(START), salts.take(START)]
    expect(one).toBeInstanceOf(Promise)
    await turn()
    release()
    expect(await one).not.toBe(first)
    expect(await two).toBe(await one)
    expect(takeMany(9_998, START)).toEqual(new Set([await one]))
    expect(take(START)).not.toBe(await one)
  })
})

describe('parallel first seals', () => {
  it('share one derivation, and each counts', async () => {
    const { salts, takeMany, derivations, take } = createSalts({ iterations: 2 })
    const made = new Set(await Promise.all(Array.from({ length: 100 }, () => salts.take(START))))
    expect([made.size, derivations()]).toEqual([1, 2])
    expect(takeMany(9_900, START)).toEqual(made)
    expect(made).not.toContain(take(START))
  })

  it('are at most 10,000 with one pair, however many wait', async () => {
    const { salts } = createSalts({ iterations: 2 })
    const counts = new Map<SaltedKeys, number>()
    for (const keys of await Promise.all(Array.from({ length: 25_000 }, () => salts.take(START)))) counts.set(keys, (counts.get(keys) ?? 0) + 1)
    expect([...counts.values()]).toEqual([10_000, 10_000, 5_000])
  })
})

describe('a derivation that fails', () => {
  it('fails the waiting seals, and the next seal tries again', async () => {
    const { control, salts, keys } = createSalts({ iterations: 2 })
    control.failures = 2
    const failed = await Promise.allSettled([salts.take(START), salts.take(START)])
    for (const result of failed) expect(result).toMatchObject({ reason: { message: 'no thread' } })
    expect(await salts.take(START)).toMatchObject({ integritySalt: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(keys.size).toBe(1)
  })

  it('fails no seal if it was in advance', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const { control, salts, takeMany } = createSalts({ iterations: 2 })
    const first = await salts.take(START)
    control.failures = 2
    expect(takeMany(9_001, START)).toEqual(new Set([first]))
    await turn()
    expect(takeMany(998, START)).toEqual(new Set([first]))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
    expect(await salts.take(START)).not.toBe(first)
  })
})
