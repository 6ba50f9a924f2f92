import { describe, expect, it } from 'vitest'
import { administratedStore, revokeAll } from '../../src/runtime/core/session/administration'
import { TestApp } from './support/app'
import type { TestBrowser, Visit } from './support/app'

const write = async ({ use }: Visit) => (await use()).update({ cart: 1 })
const login = async ({ use }: Visit) => (await use()).regenerate({ userId: 'ada' })
const dataOf = (browser: TestBrowser, name?: string) => browser.data(name === undefined ? undefined : { name })

async function given(request = write) {
  const app = new TestApp({ storage: 'session', named: { cart: {} } })
  const browser = app.browser()
  await browser.visit(request)
  const end = async (name?: string) => revokeAll(await administratedStore(app.env, app.resolve(), 'revokeAllSessions'), name)
  return { app, browser, end }
}

describe('after all sessions were ended', () => {
  it.each([['a visitor', write], ['a user', login]])('%s has none, and can begin a new one', async (_who, request) => {
    const { app, browser, end } = await given(request)
    // Twice in the same millisecond.
    for (let times = 0; times < 2; times++) {
      await end()
      expect(await dataOf(browser)).toEqual({})
      expect(app.env.reasons.pop()).toBe('revoked')
      await browser.visit(request)
      expect((await browser.visit(async ({ use }) => (await use()).isNew)).result).toBe(false)
    }
    expect(app.env.stores.size).toBe(1)
  })

  it('of a name, those of other names are alive', async () => {
    const { browser, end } = await given()
    await browser.visit(async ({ use }) => (await use({ name: 'cart' })).update({ items: 2 }))
    await end('cart')
    expect([await dataOf(browser), await dataOf(browser, 'cart')]).toEqual([{ cart: 1 }, {}])
    await end('h3')
    expect(await dataOf(browser)).toEqual({})
  })

  it.each<[string, (session: Awaited<ReturnType<Visit['use']>>) => Promise<unknown>]>([
    ['update', session => session.update({ late: true })],
    ['flash', session => session.flash('note', 'late')],
    ['regenerate', session => session.regenerate()],
    ['login', session => session.regenerate({ userId: 'ada' })],
  ])('a request that was running brings none back by %s', async (_write, act) => {
    for (const request of [write, login]) {
      const { browser, end } = await given(request)
      await browser.visit(async ({ use }) => {
        const session = await use()
        await end()
        await act(session).catch((error: unknown) => expect(error).toMatchObject({ code: 'SESSION_CONFLICT' }))
      })
      const { result } = await browser.visit(async ({ use }) => {
        const { userId, data, isNew } = await use()
        return { userId, data: { ...data }, isNew }
      })
      expect(result).toEqual({ userId: undefined, data: {}, isNew: true })
    }
  })

  it('a hook that replaces the session by a new one begins a session that is alive', async () => {
    for (const request of [write, login]) {
      const { app, browser, end } = await given(request)
      await end()
      await browser.visit(request)
      app.env.on('session:update', async (session) => {
        await session.clear()
        await session.update({ fresh: true })
      })
      await browser.visit(write)
      app.env.on('session:update', () => undefined)
      expect(await dataOf(browser)).toEqual({ fresh: true })
      await end()
      expect(await dataOf(browser)).toEqual({})
    }
  })

  it('records of versions without an epoch of the app are ended too', async () => {
    const { app, browser, end } = await given()
    const store = app.env.storeOf(app.resolve())
    expect((await store.list({})).entries.map(entry => 'appEpoch' in entry.record)).toEqual([false])
    await end()
    expect(await dataOf(browser)).toEqual({})
  })

  it('cookie sessions from before are not migrated, and later ones are', async () => {
    const app = new TestApp()
    const [visitor, user, later] = [app.browser(), app.browser(), app.browser()]
    await visitor.visit(write)
    await user.visit(login)
    const whole = { storage: 'session', migrateUntil: new Date(app.env.time + 1e9) }
    const store = app.env.storeOf(app.resolve(whole))
    app.pass(1)
    await store.raiseAppEpoch(undefined)
    app.pass(1)
    await later.visit(login)
    Object.assign(app.config, whole)
    expect([await dataOf(visitor), await dataOf(user)]).toEqual([{}, {}])
    expect(app.env.reasons).toEqual(['revoked', 'revoked'])
    const userOf = async () => (await later.visit(async ({ use }) => (await use()).userId)).result
    expect([await userOf(), await userOf()]).toEqual(['ada', 'ada'])
    await store.raiseAppEpoch(undefined)
    expect(await userOf()).toBeUndefined()
  })

  it('during a migration, the migrated session has ended', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(write)
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 1e9) })
    app.pass(1)
    app.env.on('session:load', () => app.env.storeOf(app.resolve()).raiseAppEpoch(undefined))
    await browser.visit(({ use }) => use())
    app.env.on('session:load', () => undefined)
    expect(await dataOf(browser)).toEqual({})
  })
})

it('an empty name ends nothing', async () => {
  const { browser, end } = await given()
  await expect(end('')).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
  expect(await dataOf(browser)).toEqual({ cart: 1 })
})
