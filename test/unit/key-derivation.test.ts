import { pbkdf2Sync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FORGED_ITERATIONS, KeyDerivation, MAX_WAITING } from '../../src/runtime/core/seal/key-derivation'
import { OverloadError } from '../../src/runtime/core/seal/keys'
import { realCrypto, recordedCrypto } from './support/app'

const KEY = new Uint8Array(32)
/** Lets all pending promises settle. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Derivations that the test ends. */
function heldDerivation() {
  const started: string[] = []
  const running: { salt: string, resolve: (key: Uint8Array) => void, reject: (error: Error) => void }[] = []
  const clock = { now: 0, waits: [] as { milliseconds: number, end: () => void }[] }
  const derivation = new KeyDerivation({
    now: () => clock.now,
    wait: milliseconds => new Promise(end => clock.waits.push({ milliseconds, end })),
    derive: (_, salt) => new Promise((resolve, reject) => {
      started.push(salt)
      running.push({ salt, resolve, reject })
    }),
  })
  const { derive } = derivation
  return {
    started,
    running,
    clock,
    derivation,
    /** Ends the only wait, after its time. */
    async passWait() {
      const [wait] = clock.waits.splice(0)
      clock.now += wait!.milliseconds
      wait!.end()
      await turn()
    },
    ask: (salt: string) => derive('password', salt, 2),
    askUnverified: (salt: string) => derive('password', salt, 2, true),
  }
}

describe('a key', () => {
  it.each([2, 8192])('of %i iterations is the one that iron derives', async (iterations) => {
    const key = await new KeyDerivation(realCrypto()).derive('grüße', 'sälz', iterations)
    expect(Buffer.from(key)).toEqual(pbkdf2Sync('grüße', 'sälz', iterations, 32, 'sha1'))
  })

  it.each([2, 8192])('of %i iterations is derived on another thread', async (iterations) => {
    const { crypto, take } = recordedCrypto()
    const key = new KeyDerivation(crypto).derive('password', 'salt', iterations)
    await key
    expect(take()).toEqual(['derive'])
  })
})

describe('keys of many iterations', () => {
  it('are derived two at once, in order', async () => {
    const { started, running, ask } = heldDerivation()
    const asked = [...'abcdef'].map(ask)
    for (const expected of ['ab', 'abc', 'abcd', 'abcde', 'abcdef']) {
      await turn()
      expect(started.join('')).toBe(expected)
      running.shift()!.resolve(KEY)
    }
    running.shift()!.resolve(KEY)
    expect(await Promise.all(asked)).toHaveLength(6)
  })

  it('are not overtaken by later ones', async () => {
    const { started, running, ask } = heldDerivation()
    const asked = [...'abc'].map(ask)
    running.shift()!.resolve(KEY)
    await asked[0]
    asked.push(ask('d'))
    await turn()
    expect(started.join('')).toBe('abc')
    asked.push(ask('e'))
    expect(started.join('')).toBe('abc')
    for (let place = running.shift(); place; place = running.shift()) {
      place.resolve(KEY)
      await turn()
    }
    expect(started.join('')).toBe('abcde')
    expect(await Promise.all(asked)).toHaveLength(5)
  })

  it('go to the right caller, whichever ends first', async () => {
    const { running, ask } = heldDerivation()
    const [one, two] = [ask('a'), ask('b')]
    running[1]!.resolve(KEY.fill(2))
    running[0]!.resolve(new Uint8Array([1]))
    expect(await one).toEqual(new Uint8Array([1]))
    expect(await two).toBe(KEY)
  })

  it('free their place if they fail', async () => {
    const { started, running, ask } = heldDerivation()
    const asked = [...'abcd'].map(ask)
    const failed = Promise.allSettled(asked.slice(0, 2))
    running[0]!.reject(new Error('one'))
    running[1]!.reject(new Error('two'))
    expect(await failed).toMatchObject([{ reason: { message: 'one' } }, { reason: { message: 'two' } }])
    await turn()
    expect(started.join('')).toBe('abcd')
    running[2]!.resolve(KEY)
    running[3]!.resolve(KEY)
    expect(await Promise.all(asked.slice(2))).toEqual([KEY, KEY])
  })

  it('free their place if they throw', async () => {
    const { derive } = new KeyDerivation({ ...realCrypto(), derive: () => { throw new Error('no thread') } })
    for (let index = 0; index < 5; index++) await expect(derive('password', 'salt', 2)).rejects.toThrow('no thread')
  })

  it.each([[1, 1], [2, 2], [8, 2]])('run in parallel on the available cores, %i, but at most two', async (parallelism, expected) => {
    const started: string[] = []
    const { derive } = new KeyDerivation({
      ...realCrypto(),
      parallelism,
      derive: (_, salt) => {
        started.push(salt)
        return new Promise(() => {})
      },
    })
    for (const salt of 'abcd') void derive('password', salt, 2)
    await turn()
    expect(started).toHaveLength(expected)
  })

  it('are never more than two at once, and start in the order of the calls, however they end', async () => {
    const steps = fc.array(fc.constantFrom('ask', 'ask', 'first', 'last', 'fail', 'turn'), { size: 'max', maxLength: 60 })
    await fc.assert(fc.asyncProperty(steps, async (steps) => {
      const { started, running, ask } = heldDerivation()
      const asked: Promise<unknown>[] = []
      for (const step of steps) {
        if (step === 'ask') asked.push(ask(`${asked.length}`).catch(() => undefined))
        if (step === 'first') running.shift()?.resolve(KEY)
        if (step === 'last') running.pop()?.resolve(KEY)
        if (step === 'fail') running.shift()?.reject(new Error('failed'))
        if (step === 'turn') await turn()
        expect(running.length).toBeLessThanOrEqual(2)
      }
      for (await turn(); running.length > 0; await turn()) {
        expect(running.length).toBe(Math.min(2, asked.length - started.length + running.length))
        running.shift()!.resolve(KEY)
      }
      await Promise.all(asked)
      expect(started).toEqual(asked.map((_, index) => `${index}`))
    }), { numRuns: 150 })
  })
})

describe('unverified salts', () => {
  it('wait in a queue with a limit, which drops the oldest', async () => {
    const { started, running, askUnverified } = heldDerivation()
    const asked = Array.from({ length: MAX_WAITING + 5 }, (_, index) => askUnverified(`${index}`))
    const dropped = await Promise.allSettled(asked.slice(2, 5))
    expect(dropped.map(result => (result as PromiseRejectedResult).reason)).toEqual([expect.any(OverloadError), expect.any(OverloadError), expect.any(OverloadError)])
    for (await turn(); running.length > 0; await turn()) running.shift()!.resolve(KEY)
    expect(started).toEqual(['0', '1', ...Array.from({ length: MAX_WAITING }, (_, index) => `${index + 5}`)])
    expect(await Promise.all(asked.toSpliced(2, 3))).toHaveLength(MAX_WAITING + 2)
  })

  it('come after salts of our own seals, which are never dropped', async () => {
    const { started, running, ask, askUnverified } = heldDerivation()
    const asked = [...'ab'].map(askUnverified)
    const forged = Array.from({ length: 2 * MAX_WAITING }, (_, index) => askUnverified(`${index}`).catch(() => undefined))
    const own = Array.from({ length: 2 * MAX_WAITING }, (_, index) => ask(`own-${index}`))
    for (await turn(); running.length > 0; await turn()) running.shift()!.resolve(KEY)
    expect(started.slice(0, 3)).toEqual(['a', 'b', 'own-0'])
    expect(await Promise.all(own)).toHaveLength(2 * MAX_WAITING)
    expect((await Promise.all(forged)).filter(key => key !== undefined)).toHaveLength(MAX_WAITING)
    await Promise.all(asked)
  })

  it('rest for a second per FORGED_ITERATIONS that no password opened', async () => {
    const { started, running, clock, derivation, ask, askUnverified, passWait } = heldDerivation()
    derivation.addForged(3 * FORGED_ITERATIONS)
    const asked = [...'ab'].map(askUnverified)
    asked.push(ask('own'))
    expect(started).toEqual(['own'])
    expect(clock.waits.map(wait => wait.milliseconds)).toEqual([2000])
    await passWait()
    expect(started).toEqual(['own', 'a'])
    for (; running.length > 0; await turn()) running.shift()!.resolve(KEY)
    expect(await Promise.all(asked)).toHaveLength(3)
  })

  it('are derived at once as long as fewer iterations were forged, and after they were compensated', async () => {
    const { started, clock, derivation, askUnverified } = heldDerivation()
    derivation.addForged(FORGED_ITERATIONS - 1)
    void askUnverified('a')
    derivation.addForged(FORGED_ITERATIONS)
    clock.now += 1000
    void askUnverified('b')
    expect(started).toEqual(['a', 'b'])
    expect(clock.waits).toEqual([])
  })

  it('rest at most so long that a flood costs FORGED_ITERATIONS a second', async () => {
    const { started, running, clock, derivation, askUnverified, passWait } = heldDerivation()
    const iterations = FORGED_ITERATIONS / 10
    const flood = Array.from({ length: 100 }, (_, index) => askUnverified(`${index}`))
    while (clock.now < 4000) {
      if (running.length === 0) await passWait()
      while (running.length > 0) {
        running.shift()!.resolve(KEY)
        derivation.addForged(iterations)
        await turn()
      }
    }
    // One second as a burst, and the last two in parallel.
    expect(started.length).toBeGreaterThanOrEqual(50)
    expect(started.length).toBeLessThanOrEqual(53)
    void flood
  })
})
