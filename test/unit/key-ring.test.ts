import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config'
import { OverloadError } from '../../src/runtime/core/key-derivation'
import { KeyRing } from '../../src/runtime/core/key-ring'
import type { KeyRingOptions } from '../../src/runtime/core/key-ring'
import { sealText, unsealToken } from '../../src/runtime/core/seal'
import { createSyncCodecs } from '../../src/runtime/core/seal-sync'
import type { SessionConfig } from '../../src/runtime/core/types'
import { OLD_PASSWORD, PASSWORD, realCrypto, recordedCrypto, usedHeap } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const KEY = new Uint8Array(32)
const numbered = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}-${index}`)
const iterations = (encryption: number, integrity = encryption) =>
  ({ encryption: { iterations: encryption }, integrity: { iterations: integrity } }) as SessionConfig['seal']
/** The token with another MAC and, where it is given, another salt of it. */
const forge = (token: string, salt = token.split('*')[6]!) => token.split('*').with(6, salt).with(7, 'A'.repeat(43)).join('*')
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** A ring that counts what it derives. */
function countingRing(options: Partial<KeyRingOptions> = {}) {
  const derived: string[] = []
  const ring = new KeyRing({
    password: PASSWORD, encryptionIterations: 2, integrityIterations: 2, isCached: true, ...options,
    derive: (password, salt, iterations) => {
      derived.push(salt)
      return options.derive?.(password, salt, iterations) ?? KEY
    },
  })
  const accept = (integritySalt: string, encryptionSalt = `${integritySalt}-e`) =>
    ring.accept({ encryptionSalt, integritySalt }, { encryption: KEY, integrity: KEY })
  const partsOf = (encryptionSalt: string, integritySalt: string) => ({ encryptionSalt, integritySalt }) as Parameters<KeyRing['encryptionKey']>[0]
  return { ring, accept, partsOf, takeDerived: () => derived.splice(0) }
}

/** Configurations that share a process. */
function createProcess(crypto = realCrypto()) {
  const recorded = recordedCrypto(crypto)
  const createCodec = createSyncCodecs(recorded.crypto)
  const config = (options: SessionConfig = {}) => resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec })
  return {
    ...recorded, config,
    seal: (options?: SessionConfig) => sealText('{"a":1}', '', config(options), NOW),
    open: (token: string, options?: SessionConfig) => unsealToken(token, config(options), NOW),
    derivations: () => recorded.count('derive', 'deriveSync'),
  }
}

describe('the salt of a right MAC', () => {
  it('is derived once, and its keys are given as they are', () => {
    const { ring, accept, partsOf, takeDerived } = countingRing()
    accept('salt')
    expect(ring.integrityKey('salt')).toBe(KEY)
    expect(ring.encryptionKey(partsOf('salt-e', 'salt'))).toBe(KEY)
    expect(takeDerived()).toEqual([])
    expect(ring.size).toBe(1)
  })

  it('brings the encryption key of its own other salt only', () => {
    const { ring, accept, partsOf, takeDerived } = countingRing()
    accept('salt')
    ring.encryptionKey(partsOf('other', 'salt'))
    ring.encryptionKey(partsOf('salt-e', 'other'))
    expect(takeDerived()).toEqual(['other', 'salt-e'])
  })

  it('brings both keys at once with its own other salt only, and derives none', () => {
    const { ring, accept, partsOf, takeDerived } = countingRing()
    accept('salt')
    expect(ring.keptKeys(partsOf('salt-e', 'salt'))).toMatchObject({ encryption: KEY, integrity: KEY })
    for (const [encryption, integrity] of [['other', 'salt'], ['salt-e', 'other'], ['salt', 'salt-e']] as const)
      expect(ring.keptKeys(partsOf(encryption, integrity))).toBeUndefined()
    expect(takeDerived()).toEqual([])
  })

  it('takes the place of what it had before with another encryption salt', () => {
    const { ring, accept, partsOf, takeDerived } = countingRing()
    accept('salt', 'one')
    accept('salt', 'two')
    ring.encryptionKey(partsOf('two', 'salt'))
    expect([ring.size, takeDerived()]).toEqual([1, []])
  })

  it('is kept 4096 times at most, the last of them', () => {
    const { ring, accept, takeDerived } = countingRing()
    for (const salt of numbered(5000, 'salt')) accept(salt)
    expect(ring.size).toBe(4096)
    for (const salt of numbered(5000, 'salt')) ring.integrityKey(salt)
    expect(takeDerived()).toEqual(numbered(5000 - 4096, 'salt'))
  })

  it.each<[kept: number, encryption: number, integrity: number]>([[1, 128, 128], [0, 129, 128], [0, 128, 129], [0, 16_000, 64], [0, 64, 16_000]])(
    'is kept %i times with salts of %i and %i characters', (kept, encryption, integrity) => {
      const { ring, accept } = countingRing()
      accept('i'.repeat(integrity), 'e'.repeat(encryption))
      expect(ring.size).toBe(kept)
    })

  it('keeps nothing alive of the request that brought it', () => {
    const { ring, accept } = countingRing()
    const acceptFrom = (salt: string) => {
      const header = Buffer.from(`${'x'.repeat(256 * 1024)}${salt.repeat(16)}${salt.repeat(16)}`).toString('latin1')
      accept(header.slice(256 * 1024, 256 * 1024 + 64), header.slice(-64))
    }
    acceptFrom('0000')
    const before = usedHeap()
    for (let salt = 1000; salt < 1200; salt++) acceptFrom(`${salt}`)
    expect(ring.size).toBe(201)
    // The headers are 50 MiB.
    expect(usedHeap() - before).toBeLessThan(10 * 1024 * 1024)
  })

  it('is not kept without caches', () => {
    const { ring, accept, takeDerived } = countingRing({ isCached: false })
    accept('salt')
    ring.integrityKey('salt')
    expect([ring.size, takeDerived()]).toEqual([0, ['salt']])
  })
})

describe('the salt of a wrong MAC', () => {
  it('is not kept where deriving is cheap', () => {
    const { ring, takeDerived } = countingRing({ integrityIterations: 1 })
    ring.refuse('salt', KEY)
    ring.integrityKey('salt')
    expect([ring.size, takeDerived()]).toEqual([0, ['salt']])
  })

  it('is derived once where it is dear, and never among the accepted', () => {
    const { ring, takeDerived } = countingRing()
    ring.refuse('salt', KEY)
    expect(ring.integrityKey('salt')).toBe(KEY)
    expect([ring.size, takeDerived()]).toEqual([0, []])
  })

  it('is kept 256 times at most, the last of them', () => {
    const { ring, takeDerived } = countingRing()
    for (const salt of numbered(300, 'salt')) ring.refuse(salt, KEY)
    for (const salt of numbered(300, 'salt')) ring.integrityKey(salt)
    expect(takeDerived()).toEqual(numbered(44, 'salt'))
  })

  it('drives out no accepted one', () => {
    const { ring, accept, takeDerived } = countingRing()
    for (const salt of numbered(4096, 'good')) accept(salt)
    for (const salt of numbered(10_000, 'forged')) ring.refuse(salt, KEY)
    expect(ring.size).toBe(4096)
    for (const salt of numbered(4096, 'good')) ring.integrityKey(salt)
    expect(takeDerived()).toEqual([])
  })

  it('gives its place up when a right MAC comes with it', () => {
    const { ring, accept, takeDerived } = countingRing()
    for (const salt of numbered(256, 'salt')) ring.refuse(salt, KEY)
    accept('salt-9')
    ring.refuse('new', KEY)
    for (const salt of [...numbered(256, 'salt'), 'new']) ring.integrityKey(salt)
    expect([ring.size, takeDerived()]).toEqual([1, []])
  })

  it('that is an accepted one is kept once', () => {
    const { ring, accept, takeDerived } = countingRing()
    for (const salt of numbered(256, 'forged')) ring.refuse(salt, KEY)
    accept('good')
    ring.refuse('good', KEY)
    for (const salt of numbered(256, 'forged')) ring.integrityKey(salt)
    expect(takeDerived()).toEqual([])
  })

  it.each<[derivations: number, length: number]>([[0, 128], [1, 129], [1, 16_000]])('is derived %i times more with %i characters', (derivations, length) => {
    const { ring, takeDerived } = countingRing()
    ring.refuse('x'.repeat(length), KEY)
    ring.integrityKey('x'.repeat(length))
    expect(takeDerived()).toHaveLength(derivations)
  })

  it('keeps nothing alive of the request that brought it', () => {
    const { ring } = countingRing()
    const refuseFrom = (salt: number) =>
      ring.refuse(Buffer.from(`${'x'.repeat(256 * 1024)}${`${salt}`.repeat(16)}`).toString('latin1').slice(-64), KEY)
    refuseFrom(1000)
    const before = usedHeap()
    for (let salt = 1001; salt < 1200; salt++) refuseFrom(salt)
    expect(usedHeap() - before).toBeLessThan(10 * 1024 * 1024)
    expect(ring.integrityKey('1001'.repeat(16))).toBe(KEY)
  })

  it('is not kept without caches', () => {
    const { ring, takeDerived } = countingRing({ isCached: false })
    ring.refuse('salt', KEY)
    ring.integrityKey('salt')
    expect(takeDerived()).toEqual(['salt'])
  })
})

describe('a salt that many ask for at once', () => {
  it('is derived once, and again when it was not kept', async () => {
    const { ring, takeDerived } = countingRing({ derive: async () => KEY })
    expect(await Promise.all(Array.from({ length: 100 }, () => ring.integrityKey('salt')))).toEqual(Array.from({ length: 100 }, () => KEY))
    expect(takeDerived()).toEqual(['salt'])
    await ring.integrityKey('salt')
    expect(takeDerived()).toEqual(['salt'])
  })

  it('is derived for our own seal although one that nobody knows waits for it', async () => {
    const asked: (boolean | undefined)[] = []
    const ring = new KeyRing({
      password: PASSWORD, encryptionIterations: 2, integrityIterations: 2, isCached: true,
      derive: async (_password, _salt, _iterations, isUnproven) => {
        asked.push(isUnproven)
        if (isUnproven) throw new OverloadError()
        return KEY
      },
    })
    const [unknown, own] = await Promise.allSettled([ring.integrityKey('salt'), ring.encryptionKey({ encryptionSalt: 'salt', integritySalt: 'salt' } as never)])
    expect([unknown.status, own.status, asked]).toEqual(['rejected', 'fulfilled', [true, false]])
  })

  it('is derived for each number of iterations', async () => {
    const { ring, partsOf, takeDerived } = countingRing({ derive: async () => KEY, encryptionIterations: 3 })
    await Promise.all([ring.integrityKey('salt'), ring.encryptionKey(partsOf('salt', 'salt'))])
    expect(takeDerived()).toEqual(['salt', 'salt'])
  })

  it('fails for all of them where it fails, and is tried again', async () => {
    let failures = 1
    const { ring, takeDerived } = countingRing({ derive: async () => {
      if (failures-- > 0) throw new Error('no thread')
      return KEY
    } })
    const asked = [ring.integrityKey('salt'), ring.integrityKey('salt')]
    for (const result of await Promise.allSettled(asked)) expect(result).toMatchObject({ reason: { message: 'no thread' } })
    expect(await ring.integrityKey('salt')).toBe(KEY)
    expect(takeDerived()).toEqual(['salt', 'salt'])
  })

  it('fails with one error where both salts of a seal fail', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const { ring } = countingRing({ derive: async (_, salt) => { throw new Error(salt) } })
    await expect(ring.deriveBoth('one', 'two')).rejects.toThrow('one')
    await turn()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('in a process', () => {
  it('a forged token leaves no key behind', async () => {
    const { seal, open, derivations } = createProcess()
    const forged = forge(await createProcess().seal(), 'fresh')
    await seal()
    const before = derivations()
    for (let times = 1; times <= 3; times++) {
      expect(await open(forged)).toEqual({ ok: false, reason: 'tampered' })
      expect(derivations() - before).toBe(times)
    }
  })

  it('a flood of forged tokens makes no known token dear', async () => {
    const { open, derivations } = createProcess()
    const others = await Promise.all(Array.from({ length: 10 }, () => createProcess().seal()))
    for (const token of others) expect(await open(token)).toMatchObject({ ok: true })
    for (let index = 0; index < 5000; index++) await open(forge(others[0]!, `forged-${index}`))
    const before = derivations()
    for (const token of others) expect(await open(token)).toMatchObject({ ok: true })
    expect(derivations() - before).toBe(0)
  })

  it('the same forged salt of many iterations is derived once, also by tokens that differ elsewhere', async () => {
    const options = { seal: iterations(3) }
    const { open, derivations } = createProcess()
    const forged = forge(await createProcess().seal(options), 'fresh')
    for (const end of ['', '1', '22', '333']) expect(await open(forged.split('*').with(5, end).join('*'), options)).toEqual({ ok: false, reason: 'tampered' })
    expect(derivations()).toBe(1)
  })

  it('a token that a hundred requests bring at once costs two derivations', async () => {
    const options = { seal: iterations(3) }
    const { open, count } = createProcess()
    const token = await createProcess().seal(options)
    const opened = await Promise.all(Array.from({ length: 100 }, () => open(token, options)))
    expect(opened.every(result => result.ok)).toBe(true)
    expect([count('derive'), count('deriveSync')]).toEqual([2, 0])
  })

  it('a known salt is served at once while forged ones fill the queue', async () => {
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
    // Two for the seal, one to see that the old password does not fit.
    expect(derivations()).toBe(3)
  })

  it.each<[what: string, options: SessionConfig]>([
    ['password', { password: OLD_PASSWORD }],
    ['number of iterations for the encryption', { seal: iterations(2, 1) }],
    ['number of iterations for the MAC', { seal: iterations(1, 2) }],
    ['length of the encryption\'s salt', { seal: { encryption: { saltBits: 128 } } as never }],
    ['length of the MAC\'s salt', { seal: { integrity: { saltBits: 128 } } as never }],
    ['wish to keep nothing', { caches: false }],
  ])('a configuration with another %s shares nothing', async (_, options) => {
    const { seal, derivations } = createProcess()
    const token = await seal()
    expect(derivations()).toBe(2)
    const other = await seal(options)
    expect(derivations()).toBe(4)
    expect(other.split('*')[2]).not.toBe(token.split('*')[2])
    expect(other.split('*')[6]).not.toBe(token.split('*')[6])
  })

  it('sixty-four passwords keep their keys, and the last of more', async () => {
    const { seal, derivations } = createProcess()
    const passwords = numbered(65, PASSWORD)
    for (const password of passwords) await seal({ password })
    expect(derivations()).toBe(130)
    for (const password of passwords.slice(1)) await seal({ password })
    expect(derivations()).toBe(130)
    await seal({ password: passwords[0] })
    expect(derivations()).toBe(132)
  })

  it('keys are named by what no other process names them by', () => {
    const names = [1, 2].map(() => {
      const named: string[] = []
      const real = realCrypto()
      const createCodec = createSyncCodecs({ ...real, mac: (text, key) => {
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
