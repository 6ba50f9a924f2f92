import { describe, expect, it } from 'vitest'
import { TestApp } from './support/app'
import type { TestBrowser } from './support/app'
import { revoke, revokeUser, administratedStore } from '../../src/runtime/core/session/administration'
import { forgetSession } from '../../src/runtime/core/session/manager'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { MapDriver } from './store/support/map-driver'
import { storedApp, liveRecords, write } from './support/stored'

const placeOf = (app: TestApp) => administratedStore(app.env, app.resolve(), 'test')

describe('the idle renewal', () => {
  it('does not make the next update overwrite a write of another request before the renewal', async () => {
    const app = storedApp({ idleTimeout: 60 })
    const browser = app.browser()
    await write(browser, { n: 0 })
    app.pass(40)
    const cookie = browser.jar.header(app.env.time)
    let isFirst = true
    app.env.on('session:load', async () => {
      if (!isFirst) return
      isFirst = false
      await browser.visit(async ({ use }) => (await use()).update(data => ({ n: data.n + 1 })), { cookie })
    })
    await browser.visit(async ({ use }) => { await (await use()).update({ x: 1 }) }, { cookie })
    expect(liveRecords(app)[0]!.data).toEqual({ n: 1, x: 1 })
  })
})

describe('a session:load hook that writes', () => {
  it('its write survives a conflict', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    const cookie = browser.jar.header(app.env.time)
    let depth = 0
    app.env.on('session:load', async (session) => {
      if (depth++ > 0) return
      await session.update({ byHook: true })
      await browser.visit(async ({ use }) => (await use()).update({ other: true }), { cookie })
    })
    await browser.visit(({ use }) => use(), { cookie })
    expect(liveRecords(app)[0]!.data).toEqual({ n: 0, other: true, byHook: true })
  })

  it('clear ends it', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    app.env.on('session:load', session => session.clear())
    const { result } = await browser.visit(async ({ use }) => ({ ...(await use()).data }))
    expect(result).toEqual({})
    expect(app.env.reasons).toEqual([])
    expect(liveRecords(app)).toEqual([])
  })

  it('regenerate rotates it', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    const old = browser.jar.get('h3')
    app.env.on('session:load', session => session.regenerate())
    const { result } = await browser.visit(async ({ use }) => ({ ...(await use()).data }))
    expect(app.env.reasons).toEqual([])
    expect(result).toEqual({ n: 0 })
    expect(browser.jar.get('h3')).not.toBe(old)
    expect(liveRecords(app)).toHaveLength(1)
  })

  it('a superseded one sends no cookie (slow request beside a login)', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    const cookie = browser.jar.header(app.env.time)
    let depth = 0
    app.env.on('session:load', async (session) => {
      if (depth++ > 0) return
      await session.update({ seen: 1 })
      await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }), { cookie })
    })
    const { lines } = await browser.visit(({ use }) => use(), { cookie })
    app.env.on('session:load', () => undefined)
    expect(lines).toEqual([])
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })

  it('does not log out at the migration', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 1e9) })
    app.env.on('session:load', session => session.update({ seen: 1 }))
    const cookie = browser.jar.header(app.env.time)
    const answers = await Promise.all([1, 2, 3].map(() => browser.visit(({ use }) => use(), { cookie })))
    expect(answers.flatMap(({ lines }) => lines)).toHaveLength(1)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })
})

describe('a new id that fails', () => {
  it('keeps the cookie of another session that was written in the meantime', async () => {
    const app = storedApp({ named: { cart: { storage: 'other' } } })
    const browser = app.browser()
    await write(browser, { a: 1 })
    const cookie = browser.jar.header(app.env.time)
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      const cart = await use({ name: 'cart' })
      await revoke(await placeOf(app), session.handle!)
      // After the new token was sent, and before the store rejects the change.
      const store = app.env.storeOf(app.resolve())
      const destroy = store.destroy.bind(store)
      let written: Promise<unknown> | undefined
      store.destroy = async (...args) => {
        await (written ??= cart.update({ items: 1 }))
        return destroy(...args)
      }
      const outcomes = await Promise.allSettled([session.regenerate(), new Promise(resolve => setTimeout(resolve, 20)).then(() => written)])
      expect(outcomes.map(o => o.status)).toEqual(['rejected', 'fulfilled'])
    }, { cookie })
    expect(lines).toHaveLength(1)
  })

  it('takes the token back from the response header', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    const token = browser.jar.get('h3')!
    const { transport } = await app.browser().visit(async ({ use }) => {
      const session = await use()
      await revoke(await placeOf(app), session.handle!)
      await expect(session.regenerate()).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
    }, { headers: { 'x-h3-session': token } })
    expect(transport.responseHeaders).toEqual({})
  })
})

describe('"log out everywhere else"', () => {
  const userOf = async (browser: TestBrowser) => (await browser.visit(async ({ use }) => (await use()).userId)).result

  async function given(driver?: StoreDriver) {
    const app = storedApp()
    if (driver) app.env.driver = driver
    const [here, there] = [app.browser(), app.browser()]
    for (const browser of [here, there]) await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    return { app, here, there, store: app.env.storeOf(app.resolve()) }
  }

  it.each([{}, { userId: 'ada' }])('keeps the session that gets a new id in the meantime by regenerate(%j)', async (options) => {
    const { app, here, there, store } = await given()
    const destroy = store.destroy.bind(store)
    const { lines } = await here.visit(async ({ use }) => {
      const session = await use()
      const { handle } = session
      store.destroy = async (...args) => {
        store.destroy = destroy
        await revokeUser(await placeOf(app), 'ada', handle)
        return destroy(...args)
      }
      await session.regenerate(options)
    })
    expect([lines.length, await userOf(here), await userOf(there)]).toEqual([1, 'ada', undefined])
    expect((await store.list({ userId: 'ada' })).entries).toHaveLength(1)
    await revokeUser(await placeOf(app), 'ada', undefined)
    expect(await userOf(here)).toBeUndefined()
  })

  it('keeps the session that gets a new id after it was found, and before the others end', async () => {
    const driver = new MapDriver()
    const { app, here, there } = await given(driver)
    let end!: () => void
    const isFound = new Promise<void>((found) => {
      driver.before = (method, key) => {
        if (method !== 'setItem' || !key.startsWith('uepoch:')) return
        driver.before = () => undefined
        found()
        return new Promise<void>((resolve) => { end = resolve })
      }
    })
    const { result: handle } = await here.visit(async ({ use }) => (await use()).handle)
    const ending = revokeUser(await placeOf(app), 'ada', handle)
    await isFound
    for (let id = 0; id < 2; id++) {
      await here.visit(async ({ use }) => (await use()).regenerate())
      if (id === 0) {
        end()
        await ending
      }
    }
    expect([await userOf(here), await userOf(there)]).toEqual(['ada', undefined])
    await revokeUser(await placeOf(app), 'ada', undefined)
    expect(await userOf(here)).toBeUndefined()
  })

  it('keeps the session and its new ids, even if the store fails before its record has the new epoch', async () => {
    const { app, here, there, store } = await given()
    const update = store.update.bind(store)
    store.update = () => Promise.reject(new Error('down'))
    await here.visit(async ({ use }) => revokeUser(await placeOf(app), 'ada', (await use()).handle))
    store.update = update
    for (let id = 0; id < 2; id++) await here.visit(async ({ use }) => (await use()).regenerate())
    expect([await userOf(here), await userOf(there)]).toEqual(['ada', undefined])
  })
})

describe('a slow hook', () => {
  it('does not make a parallel read or write of the same session fail', async () => {
    const app = storedApp({ storeTimeout: 50, idleTimeout: 60 })
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.pass(40)
    const cookie = browser.jar.header(app.env.time)
    await browser.visit(({ use }) => use(), { cookie })
    let first = true
    app.env.on('session:update', async () => {
      if (!first) return
      first = false
      await new Promise(resolve => setTimeout(resolve, 200))
    })
    const slow = browser.visit(async ({ use }) => (await use()).update({ slow: 1 }), { cookie })
    await new Promise(resolve => setTimeout(resolve, 20))
    app.pass(40)
    const outcomes = await Promise.allSettled([
      browser.visit(({ use }) => use(), { cookie }),
      browser.visit(async ({ use }) => (await use()).update({ quick: 1 }), { cookie }),
      slow,
    ])
    expect(outcomes.map(o => o.status === 'rejected' ? String(o.reason.code) : 'ok')).toEqual(['ok', 'ok', 'ok'])
  })
})

describe('a slow hook in a retry after a conflict', () => {
  it('does not keep parallel reads from renewing the session, even if it never ends', async () => {
    const app = storedApp({ storeTimeout: 50, idleTimeout: 60 })
    const browser = app.browser()
    await write(browser, { a: 1 })
    const cookie = browser.jar.header(app.env.time)
    let endHook!: () => void
    const hookEnd = new Promise<void>((resolve) => { endHook = resolve })
    let slow: Promise<unknown> | undefined
    await new Promise<void>((isRetried) => {
      slow = browser.visit(async ({ use }) => {
        const session = await use()
        await browser.visit(async other => (await other.use()).update({ other: 1 }), { cookie })
        let runs = 0
        app.env.on('session:update', async () => {
          if (++runs < 2) return
          isRetried()
          await hookEnd
        })
        await session.update({ slow: 1 })
      }, { cookie })
    })
    for (let round = 0; round < 3; round++) {
      app.pass(40)
      const { result, lines } = await browser.visit(async ({ use }) => ({ ...(await use()).data }))
      expect([result, lines.length]).toEqual([{ a: 1, other: 1 }, 1])
    }
    endHook()
    await slow
    expect(liveRecords(app)[0]!.data).toEqual({ a: 1, other: 1, slow: 1 })
  })
})

describe('a cookie session', () => {
  async function moving() {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    app.pass(60)
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 30 * 24 * 3600e3) })
    return { app, browser, whole: browser.jar.get('h3')! }
  }

  it('a later write after revokeSession(manager) starts a new session', async () => {
    const { app, whole } = await moving()
    await app.browser().visit(async ({ use }) => {
      const session = await use()
      await revoke(await placeOf(app), session.handle!)
      forgetSession(session)
      await session.update({ fresh: 1 })
      expect(session.data).toEqual({ fresh: 1 })
    }, { headers: { 'x-h3-session': whole } })
  })

  it('does not survive a revoke-all between its check and its migration', async () => {
    const { app, browser } = await moving()
    app.env.on('session:load', async () => revokeUser(await placeOf(app), 'ada', undefined))
    await browser.visit(({ use }) => use())
    app.env.on('session:load', () => undefined)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBeUndefined()
  })
})

describe('info.reject() without a reason', () => {
  it('rejects', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.env.on('session:load', (_, info) => (info.reject as () => void)())
    expect(await browser.data()).toEqual({})
  })
})

describe('revoke()', () => {
  it('returns whether the session was alive', async () => {
    const app = storedApp()
    expect(await revoke(await placeOf(app), 'a'.repeat(64))).toBe(false)
  })
})
