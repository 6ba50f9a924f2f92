import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

const REMOVED = 'Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'

async function loggedIn(app = new TestApp()) {
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { secret: 1 } }))
  return { app, browser }
}

describe('clear', () => {
  it('expires the cookie and empties the session', async () => {
    const { browser } = await loggedIn()
    const { lines, result } = await browser.visit(async ({ use }) => {
      const session = await use()
      expect(await session.clear()).toBe(session)
      return session
    })
    expect(lines).toEqual([`h3=; ${REMOVED}`])
    expect(result).toMatchObject({ id: undefined, data: {}, userId: undefined, createdAt: undefined, expiresAt: undefined, handle: undefined, authenticatedAt: undefined })
    expect(JSON.stringify(result)).toBe('{"data":{}}')
    expect(browser.jar.names).toEqual([])
  })

  it('stays cleared when the session is opened again in the same request', async () => {
    const { browser } = await loggedIn()
    const { lines, result } = await browser.visit(async ({ use }) => {
      await (await use()).clear()
      return use()
    })
    expect(lines).toEqual([`h3=; ${REMOVED}`])
    expect(result).toMatchObject({ id: undefined, data: {} })
  })

  it('removes the cookie that the same response was going to send', async () => {
    const { lines } = await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await session.update({ a: 1 })
      await session.clear()
    })
    expect(lines).toEqual([`h3=; ${REMOVED}`])
  })

  it('is followed by a new session, of which nothing is the old one\'s', async () => {
    const { browser, app } = await loggedIn()
    app.pass(5)
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      await session.flash('old', 1)
      await session.clear()
      await session.update({ fresh: 1 })
      expect(session).toMatchObject({ data: { fresh: 1 }, isNew: true, userId: undefined })
      expect(session.id).not.toBe('id-2')
    })
    const sealed = await openSeal(valueOf(lines, 'h3'))
    expect(lines).toHaveLength(1)
    expect(sealed).toEqual({ id: expect.stringMatching(/^id-[^12]$/), createdAt: app.env.time, data: { fresh: 1 }, name: 'h3' })
  })

  it.each<[call: string, begin: (visit: Awaited<ReturnType<import('./support/app').Visit['use']>>) => Promise<unknown>, data: object]>([
    ['replace', session => session.replace({ a: 1 }), { a: 1 }],
    ['regenerate', session => session.regenerate({ userId: 'bob' }), {}],
    ['flash', session => session.flash('a', 1), {}],
  ])('is followed by a new session at %s', async (_, begin, data) => {
    const { browser } = await loggedIn()
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.clear()
      await begin(session)
      expect(session.id).toBeDefined()
    })
    expect(await browser.data()).toEqual(data)
  })

  it('expires the cookie with the attributes it was set with', async () => {
    const app = new TestApp({ name: 'sid', cookie: { path: '/app', domain: 'example.com', sameSite: 'none', partitioned: true, maxAge: 50 } })
    const { browser } = await loggedIn(app)
    const { lines } = await browser.visit(async ({ use }) => (await use()).clear())
    expect(lines).toEqual(['sid=; Max-Age=0; Domain=example.com; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None; Partitioned'])
  })

  it('expires every chunk that the browser has, complete or not', async () => {
    const app = new TestApp()
    const browser = app.browser()
    for (const [name, value] of [['h3', '__chunked__3'], ['h3.1', 'a'], ['h3.3', 'c'], ['h3.x', 'not ours'], ['h3x', 'nor this']] as const)
      browser.jar.set(name, value)
    const { lines } = await browser.visit(async ({ open }) => (await open()).clear())
    expect(lines).toEqual(['h3', 'h3.1', 'h3.3'].map(name => `${name}=; ${REMOVED}`))
  })

  it('sends no cookie if cookies are off', async () => {
    const { transport } = await new TestApp({ cookie: false }).browser().visit(async ({ use }) => (await use()).clear())
    expect(transport.setCookies()).toEqual([])
  })
})

describe('the browser\'s cache', () => {
  it.each([
    ['strict', 'clear', true], ['strict', 'update', false], ['strict', 'regenerate', false], ['h3', 'clear', false],
  ] as const)('with the preset %s after %s is cleared: %s', async (preset, op, isCleared) => {
    const { browser } = await loggedIn(new TestApp({ preset }))
    const { transport } = await browser.visit(async ({ use }) => (await use())[op]())
    expect(transport.clearsBrowserCache).toBe(isCleared)
  })

  it('is cleared if a hook clears the session', async () => {
    const { app, browser } = await loggedIn(new TestApp({ preset: 'strict' }))
    app.env.on('session:update', session => session.clear())
    const { transport } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(transport.clearsBrowserCache).toBe(true)
  })

  it('is not cleared if the session stays, or if no response can say so', async () => {
    const { app, browser } = await loggedIn(new TestApp({ preset: 'strict', storage: 'kept' }))
    const onSocket = await browser.visit(async ({ use, transport }) => {
      const session = await use()
      transport.refusal = 'headers-sent'
      await session.clear().catch(() => undefined)
    })
    app.env.on('session:clear', () => { throw new Error('stays') })
    const failed = await browser.visit(async ({ use }) => (await use()).clear().catch(() => undefined))
    expect([onSocket, failed].map(({ transport }) => transport.clearsBrowserCache)).toEqual([false, false])
  })
})
