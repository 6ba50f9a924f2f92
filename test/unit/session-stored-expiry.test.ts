import { describe, expect, it } from 'vitest'
import { openSealed } from '../../src/runtime/core/session/persistence/modes'
import type { TestApp } from './support/app'
import type { FakeRequest } from './support/transport'
import { liveRecords, storedApp, write } from './support/stored'
import { MapDriver } from './store/support/map-driver'

const conflict = expect.objectContaining({ code: 'SESSION_CONFLICT' })

const APPS: Record<string, () => TestApp> = {
  'memory': () => storedApp({ idleTimeout: 60 }),
  'a driver without a TTL': () => {
    const app = storedApp({ idleTimeout: 60 })
    app.env.driver = new MapDriver()
    return app
  },
}

const REQUESTS: Record<string, (token: string) => FakeRequest> = {
  'by cookie': token => ({ cookie: `h3=${token}` }),
  'by header': token => ({ headers: { 'x-h3-session': token } }),
  'on a socket': token => ({ cookie: `h3=${token}`, writeRefusal: 'readonly' }),
}

describe.each(Object.entries(APPS))('in %s, a record past its own end', (_, createApp) => {
  /** A session that had ended before the app's idle timeout was lengthened. */
  async function given() {
    const app = createApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { secret: 1 } }))
    const token = browser.jar.get('h3')!
    app.pass(60)
    app.config.idleTimeout = 3600
    return { app, token }
  }

  it.each(Object.entries(REQUESTS))('is not read %s', async (_, requestWith) => {
    const { app, token } = await given()
    const { result, lines } = await app.browser().visit(async ({ use }) => {
      const { data, isNew, userId } = await use()
      return { data: { ...data }, isNew, userId }
    }, requestWith(token))
    expect([result, lines, app.env.reasons]).toEqual([{ data: {}, isNew: true, userId: undefined }, [], ['expired']])
  })

  it('is not read from its seal', async () => {
    const { app, token } = await given()
    expect(await openSealed(app.env, token, app.resolve())).toEqual({ reason: 'expired' })
  })

  it.each([{}, { userId: 'bob' }])('gets no new id by regenerate(%j)', async (options) => {
    const { app, token } = await given()
    const { result } = await app.browser().visit(async ({ use }) => {
      const { data, userId } = await (await use()).regenerate(options)
      return { data: { ...data }, userId }
    }, REQUESTS['by header']!(token))
    expect(result).toEqual({ data: {}, userId: undefined, ...options })
  })
})

describe('a session that ends during a request', () => {
  async function given() {
    const app = storedApp({ idleTimeout: 60 })
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.pass(25)
    return { app, browser, cookie: browser.jar.header(app.env.time) }
  }

  it.each([{}, { userId: 'ada' }])('gets no new id by regenerate(%j), which throws', async (options) => {
    const { app, browser, cookie } = await given()
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      app.pass(35)
      await expect(session.regenerate(options)).rejects.toEqual(conflict)
    }, { cookie })
    expect([lines, liveRecords(app)]).toMatchObject([[], [{ data: { a: 1 } }]])
  })

  it('gets one if another request has used it in the meantime', async () => {
    const { app, browser, cookie } = await given()
    await browser.visit(async ({ use }) => {
      const session = await use()
      app.pass(10)
      await browser.visit(({ use }) => use(), { cookie })
      app.pass(30)
      await session.regenerate({ data: { b: 2 } })
    }, { cookie })
    expect(await browser.data()).toEqual({ a: 1, b: 2 })
    expect(liveRecords(app)).toHaveLength(1)
  })
})
