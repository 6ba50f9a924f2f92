import fc from 'fast-check'
import { H3, getChunkedCookie, setChunkedCookie } from 'h3-next'
import { describe, expect, it, vi } from 'vitest'
import { joinChunks, splitIntoChunks } from '../../src/runtime/core/cookie/cookies'
import { isSession } from '../../src/runtime/core/model/shape'
import { unsealToken } from '../../src/runtime/core/seal/seal'
import type { SessionDataShape } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'
import { CookieJar } from './support/jar'

const data = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }) as fc.Arbitrary<SessionDataShape>
const SEAL_ALPHABET = [...'ABCXYZabcxyz0189_-*.']
/** Texts with the characters of a seal. */
const sealLike = (maxLength: number) => fc.string({ unit: fc.constantFrom(...SEAL_ALPHABET), minLength: 1, maxLength }).map(text => `Fe26.2${text}`)

vi.setConfig({ testTimeout: 60_000 })

describe('a seal', () => {
  it('opens to the sealed data, whatever it is', async () => {
    const app = new TestApp()
    await fc.assert(fc.asyncProperty(data, fc.string({ minLength: 1 }), async (sealed, id) => {
      const opened = await unsealToken(await app.seal({ id, data: sealed }), app.resolve(), app.env.time)
      const expected = JSON.stringify({ id, createdAt: app.env.time, data: sealed })
      expect(opened.ok && JSON.stringify(opened.value)).toBe(expected)
      expect(isSession(opened.ok && opened.value)).toBe(true)
    }), { numRuns: 100 })
  })

  it('is rejected with any single change, and nothing throws', async () => {
    const app = new TestApp({ maxAge: 60 })
    const token = await app.seal({ data: { user: 'ada' } })
    const unit = fc.oneof(fc.constantFrom(...SEAL_ALPHABET), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }))
    const edit = fc.constantFrom<(at: number, by: string) => string>(
      (at, by) => token.slice(0, at) + by + token.slice(at + 1),
      (at, by) => token.slice(0, at) + by + token.slice(at),
      at => token.slice(0, at) + token.slice(at + 1),
      at => token.slice(0, at),
      at => token.slice(at + 1),
    )
    await fc.assert(fc.asyncProperty(edit, fc.nat(token.length - 1), unit, async (change, at, by) => {
      const changed = change(at, by)
      fc.pre(changed !== token)
      expect(await unsealToken(changed, app.resolve(), app.env.time)).toMatchObject({ ok: false })
    }), { numRuns: 500 })
  })
})

describe('chunks', () => {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5000 }))

  it('of any value and length join to the value, and browsers accept each cookie', () => {
    fc.assert(fc.property(sealLike(16_384), lengths, fc.stringMatching(/^[a-z][\w.-]{0,40}$/), (value, length, name) => {
      const cookies = splitIntoChunks(name, value, length)
      if (!cookies) return expect(value.length).toBeGreaterThan(100 * length)
      for (const [key, part] of cookies) {
        expect(key.length + part.length).toBeLessThanOrEqual(4096)
        if (cookies.size > 1 && key !== name) expect(part.length).toBeLessThanOrEqual(length)
      }
      expect(joinChunks(name, Object.fromEntries(cookies))).toBe(value)
    }), { numRuns: 300 })
  })

  it('are written and read as in h3 v2', async () => {
    await fc.assert(fc.asyncProperty(sealLike(9000), fc.integer({ min: 100, max: 4000 }), async (value, chunkMaxLength) => {
      const ours = splitIntoChunks('h3', value, chunkMaxLength)!
      const jar = new CookieJar()
      for (const [name, part] of ours) jar.set(name, part)
      let read: string | undefined
      const app = new H3().get('/', (event) => {
        read = getChunkedCookie(event, 'h3')
        setChunkedCookie(event, 'h3', value, { chunkMaxLength })
        return 'done'
      })
      const response = await app.request('/', { headers: { cookie: jar.header(0) } })
      expect(read).toBe(value)
      const theirs = response.headers.getSetCookie().map(line => line.split('; ', 1)[0])
      expect(theirs).toEqual(Array.from(ours, ([name, part]) => `${name}=${part}`))
    }), { numRuns: 60 })
  })
})

describe('a hostile request', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }))
  const chunked = fc.oneof(fc.integer(), fc.double(), fc.string({ maxLength: 5 })).map(count => `__chunked__${count}`)
  const value = fc.oneof(text, chunked, text.map(encodeURI.bind(undefined)).filter(Boolean), fc.constant('Fe26.2**a*b*c**d*e'))
    .map(each => each.replaceAll(';', ''))
  const cookies = fc.array(fc.tuple(fc.constantFrom('h3', 'h3.1', 'h3.2', '__proto__', 'constructor', ''), value), { maxLength: 6 })

  it('never makes a read or a write throw, and adds no data', async () => {
    await fc.assert(fc.asyncProperty(cookies, fc.option(text, { nil: undefined }), async (pairs, header) => {
      const app = new TestApp()
      const headers: Record<string, string> = header === undefined ? {} : { 'x-h3-session': header }
      const request = { cookie: pairs.map(pair => pair.join('=')).join('; '), headers }
      const { result, lines } = await app.browser().visit(async ({ use }) => {
        const session = await use()
        const read = { ...session.data }
        await session.update({ a: 1 })
        return [read, session.data]
      }, request)
      expect(result).toEqual([{}, { a: 1 }])
      expect(lines.filter(line => line.startsWith('h3='))).toHaveLength(1)
    }), { numRuns: 200 })
  })
})
