import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { PASSWORD, TestApp } from './support/app'
import type { TestBrowser, Visit } from './support/app'

const login = (userId = 'ada') => async ({ use }: Visit) => (await use()).regenerate({ userId })
const userOf = async (browser: TestBrowser) => (await browser.visit(async ({ use }) => (await use()).userId)).result
const handleOf = (id: string | undefined) => createHash('sha256').update(id!).digest('hex')

async function givenApp(config: SessionRuntimeConfig = {}) {
  const app = new TestApp({ storage: 'session', maxUserSessions: 2, ...config })
  const loggedIn = async (userId?: string) => {
    const browser = app.browser()
    const { result } = await browser.visit(login(userId))
    app.pass(1)
    return { browser, handle: handleOf(result.id), id: result.id }
  }
  return { app, loggedIn }
}

describe('maxUserSessions', () => {
  it.each([0, -1, 1.5, 'many', true, {}, NaN, Infinity])('may not be %o', (value) => {
    expect(() => resolveConfig(undefined, { password: PASSWORD, storage: 'session', maxUserSessions: value as never }))
      .toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining('a whole number above 0') }))
  })

  it('may be text from the environment, is unset by default, and can be unset by name', () => {
    const runtime: SessionRuntimeConfig = { password: PASSWORD, storage: 'session', maxUserSessions: '3' as never, named: { cart: { maxUserSessions: false }, admin: { maxUserSessions: 1 } } }
    expect([undefined, 'cart', 'admin'].map(name => resolveConfig({ name }, runtime).maxUserSessions)).toEqual([3, undefined, 1])
    expect(resolveConfig(undefined, { password: PASSWORD }).maxUserSessions).toBeUndefined()
  })

  it('needs a store', () => {
    expect(() => resolveConfig(undefined, { password: PASSWORD, maxUserSessions: 3 }))
      .toThrow(expect.objectContaining({ code: 'SESSION_STORE_REQUIRED', message: expect.stringContaining('maxUserSessions needs sessions in a store') }))
  })
})

describe('a login above maxUserSessions', () => {
  it('ends the oldest session, whose next request is rejected as revoked, and no others', async () => {
    const { app, loggedIn } = await givenApp()
    const [first, second, bob] = [await loggedIn(), await loggedIn(), await loggedIn('bob')]
    expect(await Promise.all([first, second, bob].map(({ browser }) => userOf(browser)))).toEqual(['ada', 'ada', 'bob'])
    const third = await loggedIn()
    app.env.takeCalls()
    expect(await Promise.all([first, second, third, bob].map(({ browser }) => userOf(browser)))).toEqual([undefined, 'ada', 'ada', 'bob'])
    expect(app.env.reasons).toEqual(['revoked'])
  })

  it('ends none if the same session logs in again', async () => {
    const { loggedIn } = await givenApp()
    const [first, second] = [await loggedIn(), await loggedIn()]
    for (let times = 0; times < 3; times++) await second.browser.visit(login())
    expect([await userOf(first.browser), await userOf(second.browser)]).toEqual(['ada', 'ada'])
  })

  it('counts by the session\'s name', async () => {
    const { app, loggedIn } = await givenApp({ named: { admin: { maxUserSessions: 1 } } })
    const [first, second] = [await loggedIn(), await loggedIn()]
    const admins = [app.browser(), app.browser()]
    for (const browser of admins) await browser.visit(async ({ use }) => (await use({ name: 'admin' })).regenerate({ userId: 'ada' }))
    const seen = await Promise.all(admins.map(async browser => (await browser.visit(async ({ use }) => (await use({ name: 'admin' })).userId)).result))
    expect([await userOf(first.browser), await userOf(second.browser), seen]).toEqual(['ada', 'ada', [undefined, 'ada']])
  })

  it('ends none for a new id without a login, and none without the option', async () => {
    const { app, loggedIn } = await givenApp({ maxUserSessions: '' })
    const [first, second] = [await loggedIn(), await loggedIn()]
    app.config.maxUserSessions = 1
    await second.browser.visit(async ({ use }) => (await use()).regenerate())
    expect([await userOf(first.browser), await userOf(second.browser)]).toEqual(['ada', 'ada'])
    await second.browser.visit(login())
    expect([await userOf(first.browser), await userOf(second.browser)]).toEqual([undefined, 'ada'])
  })

  it('can be the migration of a cookie session', async () => {
    const app = new TestApp()
    const browsers = [app.browser(), app.browser()]
    for (const browser of browsers) await browser.visit(login())
    app.pass(1)
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 1e9), maxUserSessions: 1 })
    expect(await userOf(browsers[0]!)).toBe('ada')
    expect(await userOf(browsers[1]!)).toBe('ada')
    expect(await userOf(browsers[0]!)).toBeUndefined()
    expect(app.env.reasons).toEqual(['revoked'])
  })

  it('ends nobody if it fails', async () => {
    const { app, loggedIn } = await givenApp()
    const [first, second] = [await loggedIn(), await loggedIn()]
    app.env.on('session:regenerate', () => { throw new Error('no') })
    await expect(app.browser().visit(login())).rejects.toThrow('no')
    app.env.on('session:regenerate', () => undefined)
    const refused = app.browser().visit(async ({ transport, use }) => {
      const session = await use()
      transport.refusal = 'headers-sent'
      return session.regenerate({ userId: 'ada' })
    })
    await expect(refused).rejects.toMatchObject({ code: 'SESSION_HEADERS_SENT' })
    // Its session ends during the login.
    const late = app.browser()
    await late.visit(async ({ use }) => (await use()).regenerate({ userId: 'bob' }))
    await expect(late.visit(async ({ use }) => {
      const session = await use()
      await app.env.storeOf(app.resolve()).raiseEpoch('bob')
      return session.regenerate({ userId: 'ada' })
    })).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
    expect([await userOf(first.browser), await userOf(second.browser)]).toEqual(['ada', 'ada'])
  })
})

describe('the hook session:clear', () => {
  it('gets each session that a login ended, with its reason, handle and user', async () => {
    const { app, loggedIn } = await givenApp({ maxUserSessions: 1 })
    const seen: unknown[] = []
    app.env.on('session:clear', (session, info) => void seen.push({ id: session.id, handle: session.handle, userId: session.userId, data: session.data, info }))
    const first = await loggedIn()
    await first.browser.visit(async ({ use }) => (await use()).update({ cart: 1 }))
    expect(seen).toEqual([])
    const { handle } = first
    await loggedIn()
    const info = { name: 'h3', transport: 'none', reason: 'maxUserSessions', handle, userId: 'ada' }
    expect(seen).toEqual([{ id: undefined, handle, userId: 'ada', data: { cart: 1 }, info }])
  })

  it('gets the reason, handle and user of a session that is cleared', async () => {
    const { app, loggedIn } = await givenApp()
    const { browser, handle } = await loggedIn()
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(app.env.calls.at(-1)).toMatchObject({ name: 'session:clear', info: { reason: 'clear', handle, userId: 'ada' } })
  })

  it('cannot write the ended session, and can write the one that logged in', async () => {
    const { app, loggedIn } = await givenApp({ maxUserSessions: 1 })
    const first = await loggedIn()
    const browser = app.browser()
    await browser.visit(async (visit) => {
      app.env.on('session:clear', async (session) => {
        for (const write of [() => session.update({ a: 1 }), () => session.regenerate({ userId: 'ada' }), () => session.clear(), () => session.flash('a', 1)])
          await expect(write()).rejects.toMatchObject({ code: 'SESSION_READONLY' })
        await (await visit.use()).update({ told: true })
      })
      await login()(visit)
    })
    expect([await browser.data(), await userOf(browser), await userOf(first.browser)]).toEqual([{ told: true }, 'ada', undefined])
  })

  it('is called for the other ended sessions too if it throws, and the call fails with its first error', async () => {
    const { app, loggedIn } = await givenApp({ maxUserSessions: '' })
    const ended = [await loggedIn(), await loggedIn(), await loggedIn()].map(({ handle }) => handle)
    app.config.maxUserSessions = 1
    const seen: unknown[] = []
    app.env.on('session:clear', (_session, { handle }) => {
      seen.push(handle)
      if (handle !== ended[1]) throw new Error(`audit of ${ended.indexOf(handle!)} failed`)
    })
    await expect(app.browser().visit(login())).rejects.toThrow('audit of 0 failed')
    expect(seen).toEqual(ended)
  })

  it('fails the call if it throws, after the login', async () => {
    const { app, loggedIn } = await givenApp({ maxUserSessions: 1 })
    const first = await loggedIn()
    app.env.on('session:clear', () => { throw new Error('audit failed') })
    const browser = app.browser()
    await expect(browser.visit(login())).rejects.toThrow('audit failed')
    expect([await userOf(browser), await userOf(first.browser)]).toEqual(['ada', undefined])
  })
})
