import { afterEach, describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES } from './support/browser'
import { hooksOf } from './support/hooks'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const DAY = 86_400_000
const env = {
  NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000', NUXT_SESSION_MAX_AGE: String(30 * 86_400), NUXT_SESSION_ACCEPT_UNNAMED: 'false',
  // So that a token above 16 KiB reaches the session at all.
  NODE_OPTIONS: '--max-http-header-size=131072',
}

const server = suiteServer('main', env)
const seal = (given: Record<string, unknown>, ...options: [object?]) =>
  sealPayload(payload({ name: 'h3', ...given }), NUXT_SESSION_PASSWORD, ...options)

/** Sends the headers of a hostile client; it must get a fresh session and nothing else may happen. */
async function attack(headers: Record<string, string>) {
  const browser = new Browser(server)
  const answer = await browser.request('/api/visit', { headers: { 'x-test-hook': 'tell', ...headers } })
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ id: expect.stringMatching(/^[\w-]{43}$/), data: {} })
  const session = answer.setCookies[0]
  expect(session).toEqual({ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: { ...DEFAULT_ATTRIBUTES, Expires: expect.any(String) } })
  return hooksOf(answer).filter(({ hook }) => hook === 'session:reject').map(({ info }) => info.reason)
}

afterEach(() => expect(server.log.replaceAll(/^(?:➜ )?Listening .*\n+/gm, '')).toBe(''))

describe('a hostile cookie is rejected', () => {
  it.each([
    ['garbage', 'garbage'],
    ['an empty seal', 'Fe26.2**'],
    ['separators only', 'Fe26.2*******'],
    ['broken percent encoding', '%E0%A4%A'],
    ['another version', `Fe26.1**${'a'.repeat(64)}*a*a**${'b'.repeat(64)}*${'c'.repeat(43)}`],
    ['a password id', `Fe26.2*1*${'a'.repeat(64)}*YWJj*YWJj**${'b'.repeat(64)}*${'c'.repeat(43)}`],
    ['a chunk count without chunks', '__chunked__3'],
    ['an absurd chunk count', '__chunked__999999999'],
    ['a negative chunk count', '__chunked__-1'],
    ['an invalid chunk count', '__chunked__NaN'],
    ['a chunk count in scientific notation', '__chunked__1e9'],
    ['no chunk count', '__chunked__'],
  ])('%s is malformed', async (_, value) => {
    expect(await attack({ cookie: `h3=${value}` })).toEqual(['malformed'])
  })

  it('tampered in any of its parts', async () => {
    const token = await seal({})
    const parts = token.split('*')
    for (const index of [2, 3, 4, 6, 7]) {
      const changed = parts.with(index, (parts[index]!.startsWith('A') ? 'B' : 'A') + parts[index]!.slice(1)).join('*')
      expect(await attack({ cookie: `h3=${changed}` }), `part ${index}`).toEqual(['tampered'])
    }
  })

  it('sealed with another password is tampered', async () => {
    expect(await attack({ cookie: `h3=${await sealPayload(payload({ name: 'h3' }), testPassword())}` })).toEqual(['tampered'])
  })

  it('a seal with a changed end is tampered, one after its end is expired', async () => {
    const token = await seal({}, { ttl: 1, localtimeOffsetMsec: -5000 })
    expect(await attack({ cookie: `h3=${token}` }), 'no 60 seconds of grace').toEqual(['expired'])
    const [end] = /(?<=\*)\d{13}(?=\*)/.exec(token)!
    expect(await attack({ cookie: `h3=${token.replace(end, '9999999999999')}` })).toEqual(['tampered'])
  })

  it.each([
    ['older than maxAge', { createdAt: Date.now() - 31 * DAY, lastSeenAt: Date.now() }, 'expired'],
    ['older than 400 days by its own maxAge', { createdAt: Date.now() - 401 * DAY, lastSeenAt: Date.now(), maxAge: 10 ** 9 }, 'expired'],
    ['idle', { createdAt: Date.now() - DAY, lastSeenAt: Date.now() - 1_001_000 }, 'idle'],
    ['of another name', { name: 'cart' }, 'foreign'],
    ['without a name', { name: undefined }, 'foreign'],
    ['with a name that is no text', { name: 1 }, 'malformed'],
    ['without an id', { id: undefined }, 'malformed'],
    ['with a number as id', { id: 1 }, 'malformed'],
    ['without createdAt', { createdAt: undefined }, 'malformed'],
    ['with a text as createdAt', { createdAt: '2026' }, 'malformed'],
    ['with an array as data', { data: [] }, 'malformed'],
    ['without data', { data: null }, 'malformed'],
  ])('sealed correctly but %s', async (_, given, reason) => {
    expect(await attack({ cookie: `h3=${await seal(given)}` })).toEqual([reason])
  })

  it.each([['a text'], [42], [null], [[]], [true]])('sealed correctly but %j in place of a session', async (value) => {
    expect(await attack({ cookie: `h3=${await sealPayload(value, NUXT_SESSION_PASSWORD)}` })).toEqual(['malformed'])
  })

  it('oversized, by cookie, by chunks and by header', async () => {
    const token = await seal({ data: { text: 'x'.repeat(20_000) } })
    expect(token.length).toBeGreaterThan(16 * 1024)
    const half = Math.ceil(token.length / 2)
    expect(await attack({ cookie: `h3=${token}` })).toEqual(['malformed'])
    expect(await attack({ cookie: `h3=__chunked__2; h3.1=${token.slice(0, half)}; h3.2=${token.slice(half)}` })).toEqual(['malformed'])
    expect(await attack({ 'x-h3-session': token })).toEqual(['malformed'])
  })

  it('a rejected header does not fall back to the cookie', async () => {
    expect(await attack({ 'x-h3-session': 'garbage', 'cookie': `h3=${await seal({})}` })).toEqual(['malformed'])
  })

  it('cookies named like properties of an object are ignored', async () => {
    expect(await attack({ cookie: '__proto__=1; constructor=2; toString=3; h3.1=4; h3.__proto__=5' })).toEqual([])
  })
})

describe('cookies that a browser may send twice', () => {
  it.each([['first', true], ['last', false]])('of duplicated cookies the first counts, a valid one %s', async (_, isFirst) => {
    const valid = await seal({ id: 'valid' })
    const values = isFirst ? [valid, 'garbage'] : ['garbage', valid]
    const { status, body } = await new Browser(server).request('/api/visit', { headers: { cookie: values.map(value => `h3=${value}`).join('; ') } })
    expect(status).toBe(200)
    expect(body.id === 'valid').toBe(isFirst)
  })
})

describe('keys that pollute', () => {
  it('never reach the data\'s prototype or anyone else\'s', async () => {
    const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"deep":{"__proto__":{"polluted":1}},"fine":1}')
    const browser = new Browser(server)
    browser.jar.set('h3', await seal({ data: evil }))
    const { body, text } = await browser.ops([{ op: 'updateJson', args: ['{"__proto__":{"polluted":1},"more":1}'] }, { op: 'prototype' }])
    expect(body.data).toMatchObject({ fine: 1, more: 1, deep: {} })
    expect(text).not.toContain('__proto__')
    expect(body.results[1]).toEqual({ isPlain: true, onData: null, onObject: null, deep: null })
    const later = await new Browser(server).ops([{ op: 'prototype' }])
    expect(later.body.results).toEqual([{ isPlain: true, onData: null, onObject: null, deep: null }])
  })
})
