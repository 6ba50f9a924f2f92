import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { ResolvedConfig } from '../../src/runtime/core/config/types'
import { sealText } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import { TokenCache } from '../../src/runtime/core/seal/token-cache'
import type { SessionConfig, SessionManager } from '../../src/runtime/core/model/types'
import { createManager } from '../../src/runtime/core/session/manager'
import { openSession } from '../../src/runtime/core/session/open'
import { openToken } from '../../src/runtime/core/session/token'
import type { TokenResult } from '../../src/runtime/core/session/token'
import { OLD_PASSWORD, PASSWORD, realCrypto, recordedCrypto, usedHeap } from './support/app'
import { FakeEnvironment } from './support/environment'
import { CookieJar } from './support/jar'
import { FakeTransport } from './support/transport'

const NOW = Date.UTC(2031, 0, 1)
const DAY = 86_400_000
const SESSION = { id: 'id-1', createdAt: NOW, data: { list: [1, { a: 1 }] }, name: 'h3' }
const TWO_ITERATIONS = { encryption: { iterations: 2 }, integrity: { iterations: 2 } } as SessionConfig['seal']

/** The caches of a process, and the number of MACs. */
function createProcess() {
  const { crypto, count } = recordedCrypto()
  const createCodec = createSealCodecs(crypto)
  const tokens = new TokenCache<ResolvedConfig>()
  const config = (options: SessionConfig = {}) => resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec, tokens })
  let macs = 0
  return {
    tokens, config,
    seal: async (session: object, expiration: number | '' = '', options?: SessionConfig) =>
      await sealText(JSON.stringify(session), String(expiration), config(options), NOW),
    open: async (token: string, config: ResolvedConfig, now = NOW) => await openToken(token, config, now),
    /** A request that writes a new session. Returns the token that its browser gets. */
    write: async (config: ResolvedConfig, change: (session: SessionManager<{ a: number, list: unknown[] }>) => Promise<unknown>) => {
      const transport = new FakeTransport()
      await change(createManager(await openSession(new FakeEnvironment(), transport, config, { names: [], resolve: () => config }, 'open')))
      const jar = new CookieJar()
      jar.receive(transport.setCookies(), NOW)
      return jar.header(NOW)!.slice('h3='.length)
    },
    /** MACs since the last call. */
    takeMacs: () => -macs + (macs = count('mac')),
  }
}

const sessionOf = (result: TokenResult) => ('session' in result ? result.session : undefined)

describe('a token that is read again', () => {
  it('is opened without a MAC, with the same result', async () => {
    const { tokens, config, seal, open, takeMacs } = createProcess()
    const own = config()
    const token = await seal(SESSION)
    takeMacs()
    const first = await open(token, own)
    expect(first).toEqual({ session: SESSION, passwordIndex: 0, isFallback: false })
    expect([takeMacs(), tokens.size]).toEqual([1, 1])
    expect(openToken(token, own, NOW)).toEqual(first)
    expect([takeMacs(), tokens.size]).toEqual([0, 1])
  })

  it('keeps no part of its request in memory', async () => {
    const tokens = new TokenCache<ResolvedConfig>()
    // A recording crypto would keep its arguments in memory.
    const own = resolveConfig({ password: PASSWORD }, undefined, { createCodec: createSealCodecs(realCrypto()), tokens })
    const visit = async (number: number) => {
      const token = await sealText(JSON.stringify({ ...SESSION, id: `id-${number}` }), String(NOW + DAY), own, NOW)
      const header = Buffer.from(`${'x'.repeat(256 * 1024)}; h3=${token}`).toString('latin1')
      await openToken(header.slice(-token.length), own, NOW)
    }
    await visit(0)
    const before = usedHeap()
    for (let number = 1; number <= 200; number++) await visit(number)
    expect(tokens.size).toBe(201)
    // The headers are 50 MiB.
    expect(usedHeap() - before).toBeLessThan(10 * 1024 * 1024)
  })

  it('is opened again for another configuration, even an equal one', async () => {
    const { config, seal, open, takeMacs } = createProcess()
    const token = await seal(SESSION)
    const [one, other] = [config(), config()]
    // Each computes the name of its password by a MAC.
    takeMacs()
    await open(token, one)
    expect(takeMacs()).toBe(1)
    expect(sessionOf(await open(token, other))).toEqual(SESSION)
    expect(takeMacs()).toBe(1)
  })

  it('is opened again for another configuration, which may reject it', async () => {
    const { config, seal, open } = createProcess()
    const token = await seal(SESSION)
    expect(sessionOf(await open(token, config()))).toEqual(SESSION)
    expect(await open(token, config({ name: 'other' }))).toEqual({ reason: 'foreign' })
    expect(await open(token, config({ password: OLD_PASSWORD }))).toEqual({ reason: 'tampered' })
  })

  it('still has the index of its password, and whether the fallback opened it', async () => {
    const { config, seal, open, takeMacs } = createProcess()
    const own = config({ password: [PASSWORD, OLD_PASSWORD], seal: TWO_ITERATIONS, legacySealFallback: true })
    const token = await seal(SESSION, '', { password: OLD_PASSWORD })
    const first = await open(token, own)
    expect(first).toEqual({ session: SESSION, passwordIndex: 1, isFallback: true })
    takeMacs()
    expect(await open(token, own)).toEqual(first)
    expect(takeMacs()).toBe(0)
  })

  it('is not confused with a token that has the same MAC and other content', async () => {
    const { config, seal, open } = createProcess()
    const own = config()
    const token = await seal(SESSION)
    await open(token, own)
    const mac = token.split('*')[7]!
    for (const [at, by] of [[2, '0'.repeat(64)], [3, 'A'.repeat(22)], [4, 'AAAA'], [5, '1'], [6, '0'.repeat(64)]] as const)
      expect(await open(token.split('*').with(at, by).join('*'), own)).toEqual({ reason: 'tampered' })
    for (const end of ['A', 'B', 'C', 'D', 'E']) {
      const other = token.slice(0, -1) + end
      if (other !== token) expect(await open(other, own)).toEqual({ reason: 'tampered' })
    }
    expect(await open(mac, own)).toEqual({ reason: 'malformed' })
    expect(sessionOf(await open(token, own))).toEqual(SESSION)
  })

  it('gives a new object each time, so that a change in one request does not reach the next', async () => {
    const { config, seal, open } = createProcess()
    const own = config()
    const token = await seal(SESSION)
    for (let times = 0; times < 4; times++) {
      const session = sessionOf(await open(token, own))!
      expect(session).toEqual(SESSION)
      session.id = 'changed'
      session.data.list[1].a = 'changed'
      session.data.more = true
      Reflect.deleteProperty(session, 'name')
    }
  })

  it.each([false, 'keys'] as const)('is opened with a MAC each time with caches %s', async (caches) => {
    const { tokens, config, write, open, takeMacs } = createProcess()
    const own = config({ caches })
    const token = await write(own, session => session.update({ a: 1 }))
    takeMacs()
    for (let times = 0; times < 3; times++) {
      expect(sessionOf(await open(token, own))).toHaveProperty('data', { a: 1 })
      expect(takeMacs()).toBe(1)
    }
    expect(tokens.size).toBe(0)
  })

  it('is opened with the same result as without caches, at any time', async () => {
    const seconds = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined })
    const session = fc.record({
      id: fc.constant('id'), createdAt: fc.integer({ min: NOW - 100_000, max: NOW }), data: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
      name: fc.constantFrom('h3', 'other'), lastSeenAt: fc.integer({ min: NOW - 100_000, max: NOW }), maxAge: fc.constantFrom(1, 50, 100), more: fc.jsonValue(),
    }, { requiredKeys: ['id', 'createdAt', 'data'] })
    const end = fc.oneof(fc.constant('' as const), fc.integer({ min: NOW - 1000, max: NOW + 100_000 }))
    const times = fc.array(fc.integer({ min: NOW - 50_000, max: NOW + 150_000 }), { minLength: 1, maxLength: 6 })
    const options = fc.record({ maxAge: seconds, idleTimeout: seconds, acceptUnnamed: fc.boolean(), timestampSkewSec: fc.constantFrom(0, 0, 30) })
    await fc.assert(fc.asyncProperty(session, end, times, options, async (session, end, times, { timestampSkewSec, ...options }) => {
      const { config, seal, open } = createProcess()
      const [cached, uncached] = [true, false].map(caches => config({ ...options, caches, seal: { timestampSkewSec } }))
      const token = await seal(session, end)
      for (const now of times) expect(await open(token, cached!, now)).toEqual(await open(token, uncached!, now))
    }), { numRuns: 300 })
  })
})

describe('the cache does not keep', () => {
  it('forged and malformed tokens', async () => {
    const { tokens, config, seal, open } = createProcess()
    const own = config({ password: [PASSWORD, OLD_PASSWORD] })
    const token = await seal(SESSION)
    const other = await createProcess().seal(SESSION, '', { password: 'a password that nobody has, 32 characters' })
    for (let index = 0; index < 3000; index++) {
      const mac = String(index).padEnd(43, 'x')
      for (const bad of [token.split('*').with(7, mac).join('*'), `${index}`, `${index}`.padEnd(43, '*'), token.slice(index % token.length + 1), token.split('*').with(6, mac).join('*')])
        expect('session' in await open(bad, own)).toBe(false)
    }
    expect(await open(other, own)).toEqual({ reason: 'tampered' })
    expect([tokens.size, tokens.bytes]).toEqual([0, 0])
  })

  it.each<[reason: string, session: object, end: number | '']>([
    ['expired', SESSION, NOW],
    ['expired', { ...SESSION, createdAt: NOW - 400 * DAY }, ''],
    ['foreign', { ...SESSION, name: 'other' }, ''],
    ['malformed', { ...SESSION, id: 5 }, ''],
    ['malformed', [], ''],
  ])('an authentic token that is %s: %j', async (reason, session, end) => {
    const { tokens, config, seal, open } = createProcess()
    const token = await seal(session, end)
    for (let times = 0; times < 2; times++) expect(await open(token, config())).toEqual({ reason })
    expect(tokens.size).toBe(0)
  })
})

describe('a hit checks again', () => {
  it.each<[what: string, reason: string, milliseconds: number, options: SessionConfig, session: object, end: number | '']>([
    ['the end of the seal', 'expired', 5000, {}, {}, NOW + 5000],
    ['the end of the seal, with the configured skew', 'expired', 65_000, { seal: { timestampSkewSec: 60 } }, {}, NOW + 5000],
    ['maxAge', 'expired', 60_000, { maxAge: 60 }, {}, ''],
    ['the session\'s own maxAge', 'expired', 50_000, { maxAge: 60 }, { maxAge: 50 }, ''],
    ['idleTimeout', 'idle', 30_000, { idleTimeout: 30, maxAge: 60 }, { lastSeenAt: NOW }, ''],
    ['idleTimeout, a more exact reason than the seal\'s end', 'idle', 30_000, { idleTimeout: 30 }, { lastSeenAt: NOW }, NOW + 30_000],
    ['the maximum of 400 days', 'expired', 400 * DAY, {}, {}, ''],
  ])('%s, and an ended session leaves the cache', async (_, reason, milliseconds, options, more, end) => {
    const { tokens, config, seal, open, takeMacs } = createProcess()
    const own = config(options)
    const token = await seal({ ...SESSION, ...more }, end)
    await open(token, own)
    takeMacs()
    expect(sessionOf(await open(token, own, NOW + milliseconds - 1))).toMatchObject(SESSION)
    expect([takeMacs(), tokens.size]).toEqual([0, 1])
    expect(await open(token, own, NOW + milliseconds)).toEqual({ reason })
    expect([takeMacs(), tokens.size]).toEqual([0, 0])
    expect(await open(token, own, NOW + milliseconds)).toEqual({ reason })
    expect([takeMacs(), tokens.size]).toEqual([1, 0])
  })

  it('the session\'s name', async () => {
    const { tokens, config, seal, open } = createProcess()
    const own = config()
    const other = { ...SESSION, name: 'other' }
    const token = await seal(other)
    tokens.add({ token, owner: own, content: { text: JSON.stringify(other) }, expiration: '', passwordIndex: 0, isFallback: false })
    expect(tokens.size).toBe(1)
    expect(await open(token, own)).toEqual({ reason: 'foreign' })
    expect(tokens.size).toBe(0)
  })

  it('that there is a name, if one is required', async () => {
    const { tokens, config, seal, open } = createProcess()
    const own = config({ acceptUnnamed: false })
    const unnamed = { id: 'id', createdAt: NOW, data: {} }
    const token = await seal(unnamed)
    tokens.add({ token, owner: own, content: { text: JSON.stringify(unnamed) }, expiration: '', passwordIndex: 0, isFallback: false })
    expect(await open(token, own)).toEqual({ reason: 'foreign' })
    expect(tokens.size).toBe(0)
  })
})

describe('a new seal of our own', () => {
  it('is opened without a MAC', async () => {
    const { tokens, config, write, open, takeMacs } = createProcess()
    const own = config({ maxAge: 60 })
    const token = await write(own, session => session.update(SESSION.data))
    takeMacs()
    expect(await open(token, own)).toEqual({ session: SESSION, passwordIndex: 0, isFallback: false })
    expect([takeMacs(), tokens.size]).toEqual([0, 1])
    expect(await open(token, own, NOW + 60_000)).toEqual({ reason: 'expired' })
  })

  it('opens to the sealed data, even if the sealed object changes later', async () => {
    const { config, write, open, takeMacs } = createProcess()
    const own = config()
    const token = await write(own, async (session) => {
      await session.update({ list: [1, { a: 1 }] })
      session.data.list!.length = 0
    })
    takeMacs()
    expect(sessionOf(await open(token, own))).toEqual(SESSION)
    expect(takeMacs()).toBe(0)
  })
})

describe('another password', () => {
  it('opens a cached token of the old configuration again, and gives the new index', async () => {
    const { config, seal, open, takeMacs } = createProcess()
    const [before, during, after] = [[OLD_PASSWORD], [PASSWORD, OLD_PASSWORD], [PASSWORD]].map(password => config({ password }))
    const token = await seal(SESSION, '', { password: OLD_PASSWORD })
    await open(token, before!)
    takeMacs()
    expect(await open(token, before!)).toMatchObject({ passwordIndex: 0 })
    expect(takeMacs()).toBe(0)
    expect(await open(token, during!)).toMatchObject({ passwordIndex: 1 })
    expect(takeMacs()).toBe(2)
    expect(await open(token, after!)).toEqual({ reason: 'tampered' })
    expect(takeMacs()).toBe(1)
    expect(await open(token, during!)).toMatchObject({ passwordIndex: 1 })
    expect(takeMacs()).toBe(0)
  })
})

/** Whether a value has a key `__proto__` anywhere. */
function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProtoKey)
}

describe('JSON with a key __proto__', () => {
  const keys = ['__proto__', String.raw`\u005f\u005fproto\u005f\u005f`, String.raw`\u005F_proto__`, String.raw`__\u0070roto__`, String.raw`__prot\u006F__`]
  const places = (key: string) => [
    `{"id":"id","createdAt":${NOW},"data":{"${key}":{"admin":true},"a":1}}`,
    `{"id":"id","createdAt":${NOW},"data":{"a":[1,{"b":{"${key}":{"admin":true}}}]}}`,
    `{"id":"id","createdAt":${NOW},"data":{},"${key}":{"admin":true}}`,
    `{"id":"id","createdAt":${NOW},"data":{},"flash":{"${key}":{"admin":true}}}`,
    `{"id":"id","createdAt":${NOW},"data":{},"later":[{"${key}":1}]}`,
  ]

  it.each(keys.flatMap(places))('does not reach the first read or a later one: %s', async (text) => {
    expect(hasProtoKey(JSON.parse(text))).toBe(true)
    const { config, open, takeMacs } = createProcess()
    const own = config()
    const token = await sealText(text, '', own, NOW)
    takeMacs()
    for (let times = 0; times < 3; times++) {
      const session = sessionOf(await open(token, own))!
      expect(hasProtoKey(session)).toBe(false)
      expect(Object.getPrototypeOf(session)).toBe(Object.prototype)
      expect([session.data.admin, (session as { admin?: true }).admin]).toEqual([undefined, undefined])
      expect(takeMacs()).toBe(1)
    }
  })

  it('does not reach a read of a session that was written with it', async () => {
    const { config, write, open, takeMacs } = createProcess()
    const own = config()
    const token = await write(own, async (session) => {
      session.data.list = [JSON.parse('{"__proto__":{"admin":true}}')]
      await session.update()
    })
    takeMacs()
    for (let times = 0; times < 3; times++) {
      expect(hasProtoKey(sessionOf(await open(token, own)))).toBe(false)
      expect(takeMacs()).toBe(1)
    }
  })

  it('does not reach a read, at any depth and in any spelling', async () => {
    const character = (of: string) => fc.constantFrom(of, `\\u${of.charCodeAt(0).toString(16).padStart(4, '0')}`, `\\u00${of.charCodeAt(0).toString(16).toUpperCase()}`)
    const written = fc.tuple(...[...'__proto__'].map(character)).map(parts => parts.join(''))
    const data = fc.dictionary(fc.constantFrom('KEY', 'a', 'b'), fc.jsonValue().map(value => ({ KEY: value, list: [{ KEY: 1 }] })), { maxKeys: 3 })
    await fc.assert(fc.asyncProperty(data, written, async (data, key) => {
      const { config, open } = createProcess()
      const own = config()
      const session = { id: 'id', createdAt: NOW, data }
      const token = await sealText(JSON.stringify(session).replaceAll('"KEY":', `"${key}":`), '', own, NOW)
      const without = JSON.parse(JSON.stringify(session), function (this: object, name, value: unknown) {
        return name === 'KEY' ? undefined : value
      }) as object
      for (let times = 0; times < 3; times++) {
        const opened = sessionOf(await open(token, own))
        expect(hasProtoKey(opened)).toBe(false)
        expect(JSON.stringify(opened)).toBe(JSON.stringify(without))
      }
    }), { numRuns: 200 })
  })

  it('is kept as a value', async () => {
    const { config, seal, open } = createProcess()
    const own = config()
    const session = { ...SESSION, data: { a: '__proto__', b: String.raw`\u005f`, c: '\u0001' } }
    const token = await seal(session)
    for (let times = 0; times < 3; times++) expect(sessionOf(await open(token, own))).toEqual(session)
  })
})
