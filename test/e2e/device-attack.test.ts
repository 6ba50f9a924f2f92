import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DeviceKey, readChallenge, readRegistration } from '../support/device-key'
import { rawRequest } from '../support/raw-request'
import { Browser } from './support/browser'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const REFRESH = '/api/_session/device/refresh'

describe('attacks on bound sessions', () => {
  const server = suiteServer('main', {
    NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory', NUXT_SESSION_DEVICE_BOUND: '{"lifetime":120}', NUXT_SESSION_CROSS_ORIGIN: 'refuse',
  })

  async function login() {
    const browser = new Browser(server)
    const key = await DeviceKey.create()
    const { headers } = await browser.ops([{ op: 'regenerate', args: [{ userId: 'ada', data: { secret: 'S' } }] }])
    const { path, challenge } = readRegistration(headers.get('secure-session-registration'))!
    const register = async () => browser.request(path, { method: 'POST', headers: { 'secure-session-response': await key.registration(challenge) } })
    return { browser, key, register }
  }

  async function bound() {
    const { browser, key, register } = await login()
    const answer = await register()
    expect(answer.status).toBe(200)
    const thief = new Browser(server)
    thief.jar.set('h3', browser.jar.get('h3')!)
    return { browser, key, thief, answer }
  }

  const read = (browser: Browser, run: string) => browser.request(`/api/keyed/cookie/read/${run}`)

  it('a cached route by the session\'s cookie serves a thief nothing, and the visitor nothing that the thief left', async () => {
    const { browser, thief } = await bound()
    const run = randomUUID()
    expect((await read(browser, run)).body.result).toMatchObject({ data: { secret: 'S' } })
    expect((await read(thief, run)).body.result.data).toEqual({})
    expect((await read(browser, run)).body.result, 'the entry of the unproven request').toMatchObject({ data: { secret: 'S' } })
  })

  it('a cached route that was asked before the registration serves a thief nothing after it', async () => {
    const { browser, register } = await login()
    const run = randomUUID()
    expect((await read(browser, run)).body.result).toMatchObject({ data: { secret: 'S' } })
    await register()
    const thief = new Browser(server)
    thief.jar.set('h3', browser.jar.get('h3')!)
    expect((await read(thief, run)).body.result.data).toEqual({})
  })

  it('an unproven client reads nothing at clientRoute, and sealed in a header neither', async () => {
    const { thief } = await bound()
    const { body, setCookies } = await thief.request('/api/_session')
    expect([body, setCookies]).toEqual([expect.not.objectContaining({ secret: 'S' }), []])
    const header = await new Browser(server).ops([], { headers: { 'x-h3-session': thief.jar.get('h3')! } })
    expect(header.body).toEqual(expect.objectContaining({ isNew: true, data: {} }))
    const both = new Browser(server)
    for (const [name, value] of thief.jar) both.jar.set(name, value)
    expect((await both.ops([], { headers: { 'x-h3-session': thief.jar.get('h3')! } })).body).toMatchObject({ isNew: true })
    expect((await thief.request('/api/socket')).text).not.toContain('"S"')
  })

  it.each(['register', 'refresh'])('%s: another site ends, binds and renews nothing', async (step) => {
    const { browser, key } = await bound()
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://attacker.example' }, { origin: 'null' }] as Record<string, string>[]) {
      const { status, setCookies } = await browser.request(`/api/_session/device/${step}`, { method: 'POST', headers })
      expect([status, setCookies]).toEqual([403, []])
    }
    // Chromium sends neither header.
    const asked = await browser.request(REFRESH, { method: 'POST' })
    const { challenge } = readChallenge(asked.headers.get('secure-session-challenge'))!
    expect((await browser.request(REFRESH, { method: 'POST', headers: { 'secure-session-response': await key.refresh(challenge) } })).status).toBe(200)
    expect((await browser.ops([])).body.userId).toBe('ada')
  })

  it('a thief who floods the endpoint with wrong signatures has to wait, and the visitor does not', async () => {
    const { browser, key, thief, answer } = await bound()
    const wrong = await (await DeviceKey.create()).refresh('challenge')
    const send = () => thief.request(REFRESH, { method: 'POST', headers: { 'secure-session-response': wrong } })
    const statuses = new Set<number>()
    for (let i = 0; i < 60; i++) statuses.add((await send()).status)
    expect([...statuses]).toEqual([403])
    const { status, text, setCookies, headers } = await send()
    expect([status, text, setCookies, headers.get('secure-session-challenge'), headers.get('cache-control')]).toEqual([503, '', [], null, 'no-store'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60)
    const { challenge } = readChallenge(answer.headers.get('secure-session-challenge'))!
    const renewal = await browser.request(answer.body.refresh_url, { method: 'POST', headers: { 'secure-session-response': await key.refresh(challenge) } })
    expect(renewal.status).toBe(200)
    expect((await browser.ops([])).body.userId).toBe('ada')
  })

  it('an ordinary route ignores the headers of the protocol', async () => {
    const { browser, key, thief } = await bound()
    const asked = await browser.request(REFRESH, { method: 'POST' })
    const { challenge } = readChallenge(asked.headers.get('secure-session-challenge'))!
    const { body, headers } = await thief.ops([], { headers: { 'secure-session-response': await key.refresh(challenge), 'sec-secure-session-id': 'h3@"\\' } })
    expect([body.isNew, headers.get('secure-session-challenge')]).toEqual([true, null])
  })

  it('hostile hosts and identifiers do not reach the headers', async () => {
    const { browser } = await bound()
    for (const id of ['h3@a"b', 'h3@a\\b', 'other', 'h3@' + 'a'.repeat(600), '"h3@x"']) {
      for (const host of ['a"b', 'a\\b', 'evil.example', 'a'.repeat(600)]) {
        const { headers } = await browser.request(REFRESH, { method: 'POST', headers: { 'sec-secure-session-id': id, 'x-forwarded-host': host } })
        expect(readChallenge(headers.get('secure-session-challenge'))?.id).toMatch(/^h3(@[\w.:-]+)?$/)
      }
    }
  })

  it('other methods, paths and names', async () => {
    const { browser } = await bound()
    for (const path of [`${REFRESH}?name=cart`, `${REFRESH}?name=__proto__`, `${REFRESH}?name=h3&name=cart`, `${REFRESH}?name=`, `${REFRESH}?name=constructor`]) {
      const { status, setCookies } = await browser.request(path, { method: 'POST' })
      expect(status, path).toBeOneOf([200, 404])
      expect(setCookies).toEqual([])
    }
    for (const path of [`${REFRESH}/`, `/api//_session/device/refresh`, `/api/_session/device/REFRESH`, `/api/_session/device/refresh%2f`])
      expect((await rawRequest(Number(new URL(server.url).port), path, { method: 'POST', headers: { host: 'a' } })).status, path).toBeOneOf([200, 404, 403, 405])
    expect((await browser.ops([])).body.userId).toBe('ada')
  })

  it('a logout without the proof does not end the session of the visitor', async () => {
    const { browser, thief } = await bound()
    await thief.request('/api/_session', { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } })
    expect((await browser.ops([])).body.userId).toBe('ada')
  })
})
