import { defaults } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { withIterations } from '../../src/runtime/core/config/seal-openers'
import { OverloadError, KeyCache } from '../../src/runtime/core/seal/keys'
import type { DeriveKey } from '../../src/runtime/core/seal/keys'
import { sealText, unsealToken } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD, realCrypto, recordedCrypto, usedHeap } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const KEY = new Uint8Array(32)
const OPTIONS = { password: PASSWORD, seal: withIterations(defaults, 2), isCached: true }
const numbered = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}-${index}`)
const iterations = (encryption: number, integrity = encryption) =>
  ({ encryption: { iterations: encryption }, integrity: { iterations: integrity } }) as SessionConfig['seal']
/** The token with another MAC and, if given, another salt for it. */
const forge = (token: string, salt = token.split('*')[6]!) => token.split('*').with(6, salt).with(7, 'A'.repeat(43)).join('*')
/** The salt as a part of a token. */
const salted = (integritySalt: string) => ({ integritySalt, derivedIterations: 0 })
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** A cache that records the salts that it derives. */
function countingCache({ derive, ...options }: Partial<typeof OPTIONS> & { derive?: DeriveKey } = {}) {
  const derived: string[] = []
  const keys = new KeyCache({ ...OPTIONS, ...options }, (password, salt, iterations) => {
    derived.push(salt)
    return derive?.(password, salt, iterations) ?? KEY
  })
  const addVerified = (integritySalt: string, encryptionSalt = `${integritySalt}-e`) =>
    keys.addVerified({ encryptionSalt, integritySalt }, { encryption: KEY, integrity: KEY })
  const partsOf = (encryptionSalt: string, integritySalt: string) => ({ encryptionSalt, integritySalt }) as Parameters<KeyCache['encryptionKey']>[0]
  return { keys, addVerified, partsOf, takeDerived: () => derived.splice(0) }
}

/** The configurations of one process. */
function createProcess(crypto = realCrypto()) {
  const recorded = recordedCrypto(crypto)
  const createCodec = createSealCodecs(recorded.crypto)
  const config = (options: SessionConfig = {}) => resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec })
  return {
    ...recorded, config,
    seal: (options?: SessionConfig) => sealText('{"a":1}', '', config(options), NOW),
    open: (token: string, options?: SessionConfig) => unsealToken(token, config(options), NOW),
    derivations: () => recorded.count('derive', 'deriveSync'),
  }
}

describe('a verified salt', () => {
  it('is derived once, and its keys are returned unchanged', () => {
    const { keys, addVerified, partsOf, takeDerived } = countingCache()
    addVerified('salt')
    expect(keys.integrityKey(salted('salt'))).toBe(KEY)
    expect(keys.encryptionKey(partsOf('salt-e', 'salt'))).toBe(KEY)
    expect(takeDerived()).toEqual([])
    expect(keys.size).toBe(1)
  })

  it('returns the encryption key only with its own encryption salt', () => {
    const { keys, addVerified, partsOf, takeDerived } = countingCache()
    addVerified('salt')
    keys.encryptionKey(partsOf('other', 'salt'))
    keys.encryptionKey(partsOf('salt-e', 'other'))
    expect(takeDerived()).toEqual(['other', 'salt-e'])
  })

  it('returns both cached keys only with its own encryption salt, and never derives', () => {
    const { keys, addVerified, partsOf, takeDerived } = countingCache()
    addVerified('salt')
    expect(keys.cachedKeys(partsOf('salt-e', 'salt'))).toMatchObject({ encryption: KEY, integrity: KEY })
    for (const [encryption, integrity] of [['other', 'salt'], ['salt-e', 'other'], ['salt', 'salt-e']] as const)
      expect(keys.cachedKeys(partsOf(encryption, integrity))).toBeUndefined()
    expect(takeDerived()).toEqual([])
  })

  it('replaces its entry when it comes with another encryption salt', () => {
    const { keys, addVerified, partsOf, takeDerived } = countingCache()
    addVerified('salt', 'one')
    addVerified('salt', 'two')
    keys.encryptionKey(partsOf('two', 'salt'))
    expect([keys.size, takeDerived()]).toEqual([1, []])
  })

  it('is one of the last 4096 that are cached', () => {
    const { keys, addVerified, takeDerived } = countingCache()
    for (const salt of numbered(5000, 'salt')) addVerified(salt)
    expect(keys.size).toBe(4096)
    for (const salt of numbered(5000, 'salt')) keys.integrityKey(salted(salt))
    expect(takeDerived()).toEqual(numbered(5000 - 4096, 'salt'))
  })

  it.each<[kept: number, encryption: number, integrity: number]>([[1, 128, 128], [0, 129, 128], [0, 128, 129], [0, 16_000, 64], [0, 64, 16_000]])(
    'is cached %i times with salts of %i and %i characters', (kept, encryption, integrity) => {
      const { keys, addVerified } = countingCache()
      addVerified('i'.repeat(integrity), 'e'.repeat(encryption))
      expect(keys.size).toBe(kept)
    })

  it('keeps no part of its request in memory', () => {
    const { keys, addVerified } = countingCache()
    const addVerifiedFrom = (salt: string) => {
      const header = Buffer.from(`${'x'.repeat(256 * 1024)}${salt.repeat(16)}${salt.repeat(16)}`).toString('latin1')
      addVerified(header.slice(256 * 1024, 256 * 1024 + 64), header.slice(-64))
    }
    addVerifiedFrom('0000')
    const before = usedHeap()
    for (let salt = 1000; salt < 1200; salt++) addVerifiedFrom(`${salt}`)
    expect(keys.size).toBe(201)
    // The headers are 50 MiB.
    expect(usedHeap() - before).toBeLessThan(10 * 1024 * 1024)
  })

  it('is not cached if caches are off', () => {
    const { keys, addVerified, takeDerived } = countingCache({ isCached: false })
    addVerified('salt')
    keys.integrityKey(salted('salt'))
    expect([keys.size, takeDerived()]).toEqual([0, ['salt']])
  })
})

describe('a salt whose MAC was wrong', () => {
  it('is not cached with one iteration', () => {
    const { keys, takeDerived } = countingCache({ seal: { ...OPTIONS.seal, integrity: withIterations(defaults, 1).integrity } })
    keys.addRejected('salt', KEY)
    keys.integrityKey(salted('salt'))
    expect([keys.size, takeDerived()]).toEqual([0, ['salt']])
  })

  it('is derived once with more iterations, and does not count as verified', () => {
    const { keys, takeDerived } = countingCache()
    keys.addRejected('salt', KEY)
    expect(keys.integrityKey(salted('salt'))).toBe(KEY)
    expect([keys.size, takeDerived()]).toEqual([0, []])
  })

  it('is one of the last 256 that are cached', () => {
    const { keys, takeDerived } = countingCache()
    for (const salt of numbered(300, 'salt')) keys.addRejected(salt, KEY)
    for (const salt of numbered(300, 'salt')) keys.integrityKey(salted(salt))
    expect(takeDerived()).toEqual(numbered(44, 'salt'))
  })

  it('evicts no verified salt', () => {
    const { keys, addVerified, takeDerived } = countingCache()
    for (const salt of numbered(4096, 'good')) addVerified(salt)
    for (const salt of numbered(10_000, 'forged')) keys.addRejected(salt, KEY)
    expect(keys.size).toBe(4096)
    for (const salt of numbered(4096, 'good')) keys.integrityKey(salted(salt))
    expect(takeDerived()).toEqual([])
  })

  it('moves to the verified salts when a right MAC comes with it', () => {
    const { keys, addVerified, takeDerived } = countingCache()
    for (const salt of numbered(256, 'salt')) keys.addRejected(salt, KEY)
    addVerified('salt-9')
    keys.addRejected('new', KEY)
    for (const salt of [...numbered(256, 'salt'), 'new']) keys.integrityKey(salted(salt))
    expect([keys.size, takeDerived()]).toEqual([1, []])
  })

  it('is cached once if it is already verified', () => {
    const { keys, addVerified, takeDerived } = countingCache()
    for (const salt of numbered(256, 'forged')) keys.addRejected(salt, KEY)
    addVerified('good')
    keys.addRejected('good', KEY)
    for (const salt of numbered(256, 'forged')) keys.integrityKey(salted(salt))
    expect(takeDerived()).toEqual([])
  })

  it.each<[derivations: number, length: number]>([[0, 128], [1, 129], [1, 16_000]])('is derived %i more times with %i characters', (derivations, length) => {
    const { keys, takeDerived } = countingCache()
    keys.addRejected('x'.repeat(length), KEY)
    keys.integrityKey(salted('x'.repeat(length)))
    expect(takeDerived()).toHaveLength(derivations)
  })

  it('keeps no part of its request in memory', () => {
    const { keys } = countingCache()
    const addRejectedFrom = (salt: number) =>
      keys.addRejected(Buffer.from(`${'x'.repeat(256 * 1024)}${`${salt}`.repeat(16)}`).toString('latin1').slice(-64), KEY)
    addRejectedFrom(1000)
    const before = usedHeap()
    for (let salt = 1001; salt < 1200; salt++) addRejectedFrom(salt)
    expect(usedHeap() - before).toBeLessThan(10 * 1024 * 1024)
    expect(keys.integrityKey(salted('1001'.repeat(16)))).toBe(KEY)
  })

  it('is not cached if caches are off', () => {
    const { keys, takeDerived } = countingCache({ isCached: false })
    keys.addRejected('salt', KEY)
    keys.integrityKey(salted('salt'))
    expect(takeDerived()).toEqual(['salt'])
  })
})

describe('a salt of parallel requests', () => {
  it('is derived once, and again later if it was not cached', async () => {
    const { keys, takeDerived } = countingCache({ derive: async () => KEY })
    expect(await Promise.all(Array.from({ length: 100 }, () => keys.integrityKey(salted('salt'))))).toEqual(Array.from({ length: 100 }, () => KEY))
    expect(takeDerived()).toEqual(['salt'])
    await keys.integrityKey(salted('salt'))
    expect(takeDerived()).toEqual(['salt'])
  })

  it('is derived separately for our own seal and for an unverified token', async () => {
    const asked: (boolean | undefined)[] = []
    const keys = new KeyCache(OPTIONS, async (_password, _salt, _iterations, isUnverified) => {
      asked.push(isUnverified)
      if (isUnverified) throw new OverloadError()
      return KEY
    })
    const [unverified, own] = await Promise.allSettled([keys.integrityKey(salted('salt')), keys.encryptionKey({ encryptionSalt: 'salt', integritySalt: 'salt' } as never)])
    expect([unverified.status, own.status, asked]).toEqual(['rejected', 'fulfilled', [true, false]])
  })

  it('is derived for each number of iterations', async () => {
    const { keys, partsOf, takeDerived } = countingCache({ derive: async () => KEY, seal: { ...OPTIONS.seal, encryption: withIterations(defaults, 3).encryption } })
    await Promise.all([keys.integrityKey(salted('salt')), keys.encryptionKey(partsOf('salt', 'salt'))])
    expect(takeDerived()).toEqual(['salt', 'salt'])
  })

  it('fails for all of them, and the next request tries again', async () => {
    let failures = 1
    const { keys, takeDerived } = countingCache({ derive: async () => {
      if (failures-- > 0) throw new Error('no thread')
      return KEY
    } })
    const asked = [keys.integrityKey(salted('salt')), keys.integrityKey(salted('salt'))]
    for (const result of await Promise.allSettled(asked)) expect(result).toMatchObject({ reason: { message: 'no thread' } })
    expect(await keys.integrityKey(salted('salt'))).toBe(KEY)
    expect(takeDerived()).toEqual(['salt', 'salt'])
  })

  it('fails with one error if both salts of a seal fail', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const { keys } = countingCache({ derive: async (_, salt) => { throw new Error(salt) } })
    await expect(keys.createKeys({ encryptionSalt: 'one', integritySalt: 'two' })).rejects.toThrow('one')
    await turn()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('in a process', () => {
  it('a forged token adds no key to the cache', async () => {
    const { seal, open, derivations } = createProcess()
    const forged = forge(await createProcess().seal(), 'fresh')
    await seal()
    const before = derivations()
    for (let times = 1; times <= 3; times++) {
      expect(await open(forged)).toEqual({ ok: false, reason: 'tampered' })
      expect(derivations() - before).toBe(times)
    }
  })

  it('a flood of forged tokens evicts no keys of known tokens', async () => {
    const { open, derivations } = createProcess()
    const others = await Promise.all(Array.from({ length: 10 }, () => createProcess().seal()))
    for (const token of others) expect(await open(token)).toMatchObject({ ok: true })
    for (let index = 0; index < 5000; index++) await open(forge(others[0]!, `forged-${index}`))
    const before = derivations()
    for (const token of others) expect(await open(token)).toMatchObject({ ok: true })
    expect(derivations() - before).toBe(0)
  })

  it('a repeated forged salt of many iterations is derived once, even if the tokens differ elsewhere', async () => {
    const options = { seal: iterations(3) }
    const { open, derivations } = createProcess()
    const forged = forge(await createProcess().seal(options), 'fresh')
    for (const end of ['', '1', '22', '333']) expect(await open(forged.split('*').with(5, end).join('*'), options)).toEqual({ ok: false, reason: 'tampered' })
    expect(derivations()).toBe(1)
  })

  it('a token of a hundred parallel requests costs two derivations', async () => {
    const options = { seal: iterations(3) }
    const { open, count } = createProcess()
    const token = await createProcess().seal(options)
    const opened = await Promise.all(Array.from({ length: 100 }, () => open(token, options)))
    expect(opened.every(result => result.ok)).toBe(true)
    expect([count('derive'), count('deriveSync')]).toEqual([2, 0])
  })

  it('a known salt does not wait while forged salts fill the queue', async () => {
    const options = { seal: iterations(3) }
    const held: (() => void)[] = []
    let isHeld = false
    const real = realCrypto()
    const { open, seal, count } = createProcess({
      ...real,
      derive: async (...args) => {
        if (isHeld) await new Promise<void>(resolve => held.push(resolve))
        return real.derive(...args)
      },
    })
    const known = await createProcess().seal(options)
    const own = await seal(options)
    await open(known, options)
    isHeld = true
    const before = count('derive')
    const forged = numbered(50, 'forged').map(salt => open(forge(known, salt), options))
    expect(count('derive') - before).toBe(2)
    expect(open(known, options)).toMatchObject({ ok: true, value: { a: 1 } })
    expect(open(own, options)).toMatchObject({ ok: true, value: { a: 1 } })
    expect(seal(options)).toMatch(/^Fe26\.2\*\*/)
    isHeld = false
    for (const free of held) free()
    for (const result of await Promise.all(forged)) expect(result).toEqual({ ok: false, reason: 'tampered' })
    expect([count('derive') - before, count('deriveSync')]).toEqual([50, 0])
  })

  it('configurations with the same password share its keys and its salts', async () => {
    const { seal, open, derivations } = createProcess()
    const token = await seal()
    const other = await seal({ name: 'other', maxAge: 60 })
    expect(other.split('*')[2]).toBe(token.split('*')[2])
    expect(await open(token, { acceptUnnamed: false })).toMatchObject({ ok: true })
    expect(await open(token, { password: [OLD_PASSWORD, PASSWORD] })).toMatchObject({ ok: true, passwordIndex: 1 })
    // Two for the seal, and one to try the old password.
    expect(derivations()).toBe(3)
  })

  it.each<[what: string, options: SessionConfig]>([
    ['password', { password: OLD_PASSWORD }],
    ['number of iterations for the encryption', { seal: iterations(2, 1) }],
    ['number of iterations for the MAC', { seal: iterations(1, 2) }],
    ['length of the encryption\'s salt', { seal: { encryption: { saltBits: 128 } } as never }],
    ['length of the MAC\'s salt', { seal: { integrity: { saltBits: 128 } } as never }],
    ['setting of caches', { caches: false }],
  ])('a configuration with another %s shares nothing', async (_, options) => {
    const { seal, derivations } = createProcess()
    const token = await seal()
    expect(derivations()).toBe(2)
    const other = await seal(options)
    expect(derivations()).toBe(4)
    expect(other.split('*')[2]).not.toBe(token.split('*')[2])
    expect(other.split('*')[6]).not.toBe(token.split('*')[6])
  })

  it('the keys of the last 64 passwords are cached', async () => {
    const { seal, derivations } = createProcess()
    const passwords = numbered(65, PASSWORD)
    for (const password of passwords) await seal({ password })
    expect(derivations()).toBe(130)
    for (const password of passwords.slice(1)) await seal({ password })
    expect(derivations()).toBe(130)
    await seal({ password: passwords[0] })
    expect(derivations()).toBe(132)
  })

  it('the names of cached passwords differ in each process', () => {
    const names = [1, 2].map(() => {
      const named: string[] = []
      const real = realCrypto()
      const createCodec = createSealCodecs({ ...real, mac: (text, key) => {
        named.push(real.mac(text, key))
        return named.at(-1)!
      } })
      resolveConfig({ password: PASSWORD }, undefined, { createCodec })
      return named
    })
    expect(names.map(each => each.length)).toEqual([1, 1])
    expect(names[0]).not.toEqual(names[1])
  })
})
