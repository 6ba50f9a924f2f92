import { defaults, seal } from 'iron-webcrypto'
import { describe, expect, it } from 'vitest'
import { createClock, createSessionCookie, readSessionCookie, SealRejectedError } from '../../../src/testing'
import { OLD_PASSWORD, PASSWORD, TestApp, webCrypto } from '../support/app'
import { cookieFor, readFor } from './support'

const LOGIN = { userId: 'ada', data: { name: 'Ada' } }

/** The Set-Cookie lines of an app's login. */
async function login(app: TestApp, data: object = LOGIN.data) {
  return (await app.browser().visit(async ({ open }) => (await open()).regenerate({ ...LOGIN, data }))).lines
}

function toHeaders(lines: string[]): Headers {
  return new Headers(lines.map((line): [string, string] => ['set-cookie', line]))
}

/** The same text with another character at an index. */
function altered(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

describe('the session is read from', () => {
  const app = new TestApp({ maxAge: 3600 })

  it.each([
    ['the Set-Cookie lines of a response', (lines: string[]) => lines],
    ['one line', (lines: string[]) => lines[0]!],
    ['lines in one text', (lines: string[]) => ['a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT', ...lines, 'b=2'].join(', ')],
    ['headers', (lines: string[]) => toHeaders(lines)],
    ['a response', (lines: string[]) => new Response('', { headers: toHeaders(lines) })],
    ['Playwright\'s cookies', (lines: string[]) => [{ name: 'h3', value: lines[0]!.slice(3).split(';')[0]!, domain: '127.0.0.1' }, { name: 'other', value: '' }]],
    ['Playwright\'s storageState', (lines: string[]) => ({ cookies: [{ name: 'h3', value: lines[0]!.slice(3).split(';')[0]! }], origins: [] })],
  ])('%s', async (_, toSource) => {
    const session = await readFor(app, toSource(await login(app)), { maxAge: 3600 })
    expect(session).toEqual({
      id: expect.stringMatching(/^id-\d+$/), name: 'h3', ...LOGIN, createdAt: app.env.time, authenticatedAt: app.env.time,
      expiresAt: app.env.time + 3600_000, handle: app.env.hash(session!.id),
    })
  })

  it('the result of createSessionCookie, and its browser\'s cookies', async () => {
    const cookie = await cookieFor(app, { text: 'x'.repeat(4000) }, { userId: 'ada', flash: { notice: 'Saved' } })
    for (const source of [cookie, cookie.browserCookies('http://localhost'), cookie.storageState('http://localhost')])
      expect(await readFor(app, source)).toMatchObject({ id: cookie.id, userId: 'ada', flash: { notice: 'Saved' }, data: { text: 'x'.repeat(4000) }, expiresAt: undefined })
  })
})

describe('of several cookies', () => {
  const app = new TestApp({ named: { cart: {} } })

  it('chunks are joined in any order', async () => {
    const lines = await login(app, { text: 'x'.repeat(4000) })
    expect(lines).toHaveLength(3)
    expect((await readFor(app, lines.toReversed()))!.data.text).toHaveLength(4000)
  })

  it('stale chunks that a response removes are ignored', async () => {
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ text: 'x'.repeat(4000) }))
    const { lines } = await browser.visit(async ({ use }) => (await use()).replace({ small: true }))
    expect(lines).toHaveLength(3)
    expect((await readFor(app, lines))!.data).toEqual({ small: true })
  })

  it('the last line with a name counts', async () => {
    const lines = [...await login(app, { at: 1 }), ...await login(app, { at: 2 })]
    expect((await readFor(app, lines))!.data).toEqual({ at: 2 })
  })

  it('those of another session are ignored', async () => {
    const cart = await cookieFor(app, { items: 1 }, { name: 'cart' })
    expect(await readFor(app, cart)).toBeUndefined()
    expect((await readFor(app, cart, { name: 'cart' }))!.data).toEqual({ items: 1 })
  })
})

describe('there is no session', () => {
  const app = new TestApp()

  it.each([[undefined], [null], [''], [[]], [new Headers()], [new Response()], [{ cookies: [] }], ['other=1; Path=/'], [['h3x=1', 'h3.=1', 'H3=1']]])('in %o', async (source) => {
    expect(await readFor(app, source)).toBeUndefined()
  })

  it('if a response removes it', async () => {
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ text: 'x'.repeat(4000) }))
    const { lines } = await browser.visit(async ({ use }) => (await use()).clear())
    expect(lines).toHaveLength(3)
    expect(await readFor(app, lines)).toBeNull()
  })

  it.each(['h3=', 'h3=; Path=/; HttpOnly', 'h3=left; Max-Age=0', 'h3=left; max-age=-1; Path=/'])('if %s removes it', async (line) => {
    expect(await readFor(app, line)).toBeNull()
  })
})

describe('a token that the app would reject throws with its reason', () => {
  const app = new TestApp({ maxAge: 3600, idleTimeout: 600 })
  const options = { maxAge: 3600, idleTimeout: 600 }

  async function reasonOf(source: string | string[] | Promise<{ header: string }>, over: object = {}): Promise<string> {
    const text = source instanceof Promise ? (await source).header : source
    const error = await readFor(app, text, { ...options, ...over }).then(() => undefined, (error: unknown) => error)
    if (error instanceof SealRejectedError) return error.reason
    throw error
  }

  it.each(['h3=rubbish', 'h3=Fe26.2*', 'h3=__chunked__2', 'h3=__chunked__101', 'h3=__chunked__', 'h3=%', `h3=Fe26.2**${'x'.repeat(20_000)}`])('malformed: %.20s', async (line) => {
    expect(await reasonOf(line)).toBe('malformed')
  })

  it('malformed: a chunk is missing', async () => {
    const [head, first] = (await cookieFor(app, { text: 'x'.repeat(4000) }, options)).header.split('; ')
    expect(await reasonOf([head!, first!])).toBe('malformed')
  })

  it('malformed: the sealed value is not a session', async () => {
    for (const value of [null, 7, 'text', [], {}, { id: '' }, { id: 'x', createdAt: 1, data: [] }])
      expect(await reasonOf(`h3=${await seal(webCrypto, value, PASSWORD, defaults)}`)).toBe('malformed')
  })

  it('tampered', async () => {
    const { header } = await cookieFor(app, {}, options)
    for (const at of [20, 90, 120, header.length - 2]) expect(await reasonOf(altered(header, at)), `at ${at}`).toBe('tampered')
  })

  it('tampered: another password, or other iterations', async () => {
    expect(await reasonOf(cookieFor(app), { password: OLD_PASSWORD })).toBe('tampered')
    const part = { iterations: 8192 }
    const of8192 = { seal: { encryption: { ...defaults.encryption, ...part }, integrity: { ...defaults.integrity, ...part } } }
    expect(await reasonOf(cookieFor(app), of8192)).toBe('tampered')
    expect(await readFor(app, await cookieFor(app), { ...of8192, legacySealFallback: true })).toBeDefined()
  })

  it('expired and idle, by the clock', async () => {
    const clock = createClock(app.env.time)
    const cookie = await cookieFor(app, {}, { ...options, now: clock.now })
    clock.advance(600_000 - 1)
    expect(await readFor(app, cookie, { ...options, now: clock.now })).toBeDefined()
    clock.advance(1)
    expect(await reasonOf(cookie.header, { now: clock.now })).toBe('idle')
    clock.advance(3600_000)
    expect(await reasonOf(cookie.header, { now: clock.now })).toBe('expired')
  })

  it('foreign', async () => {
    const { token } = await cookieFor(app, {}, { name: 'cart' })
    expect(await reasonOf(`h3=${token}`)).toBe('foreign')
  })

  it('foreign: a seal of h3 with acceptUnnamed: false', async () => {
    const token = await seal(webCrypto, { id: 'h3', createdAt: app.env.time, data: { of: 'h3' } }, PASSWORD, defaults)
    expect(await readFor(app, `h3=${token}`)).toMatchObject({ id: 'h3', data: { of: 'h3' } })
    expect(await reasonOf(`h3=${token}`, { acceptUnnamed: false })).toBe('foreign')
  })
})

it('a seal with any of the passwords is opened', async () => {
  const cookie = await createSessionCookie({ by: 'old' }, { password: OLD_PASSWORD })
  expect((await readSessionCookie(cookie, { password: [PASSWORD, OLD_PASSWORD] }))!.data).toEqual({ by: 'old' })
})

describe('a mistake throws with its code and the fix', () => {
  it.each([[7], [true], [{}], [{ headers: {} }], [{ headers: () => ({}) }], [{ cookies: 'h3=1' }], [[7]], [[{ name: 'h3' }]], [[null]]])('the source %o', async (source) => {
    await expect(readSessionCookie(source as never, { password: PASSWORD }))
      .rejects.toMatchObject({ name: 'SessionError', code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining('Use a Response') })
  })

  it.each([[undefined, 'SESSION_PASSWORD_MISSING'], ['short', 'SESSION_PASSWORD_WEAK']])('the password %o', async (password, code) => {
    await expect(readSessionCookie('h3=1', { password: password! })).rejects.toMatchObject({ code })
  })
})
