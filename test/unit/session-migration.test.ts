import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'
import { liveRecords } from './support/stored'

const DAY = 24 * 3600

/** An app with cookie sessions, a browser that has one, and the same app with a store. */
async function movingApp(config: object = {}) {
  const app = new TestApp(config)
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { cart: 1 } }))
  const whole = browser.jar.get('h3')!
  app.pass(60)
  Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 30 * DAY * 1000).toISOString() })
  const live = () => liveRecords(app)
  const read = (cookie = whole) => browser.visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${cookie}` })
  return { app, browser, whole, live, read }
}

describe('a cookie session in an app with a store', () => {
  it('is migrated under a new id, and the user stays logged in', async () => {
    const { app, browser, whole, live } = await movingApp()
    const before = await openSeal(whole)
    const { result, lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      return [session.userId, { ...session.data }, session.createdAt, session.authenticatedAt, session.isNew, session.id]
    })
    expect(result.slice(0, 5)).toEqual(['ada', { cart: 1 }, before.createdAt, before.authenticatedAt, false])
    expect(result[5]).not.toBe(before.id)
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({ id: result[5], name: 'h3', sealedAt: app.env.time, userId: 'ada' })
    expect(live()).toHaveLength(1)
    const next = await browser.visit(async ({ use }) => [(await use()).id, (await use()).userId])
    expect([next.result, next.lines]).toEqual([[result[5], 'ada'], []])
    expect(app.env.reasons).toEqual([])
  })

  it('cannot be replayed, neither after the migration nor after the logout, while its seal is valid', async () => {
    const { app, browser, whole, read } = await movingApp({ maxAge: 10 * DAY })
    await browser.visit(({ use }) => use())
    expect(await read(whole)).toMatchObject({ result: {}, lines: [] })
    await browser.visit(async ({ use }) => (await use()).clear())
    app.pass(9 * DAY)
    expect(await read(whole)).toMatchObject({ result: {}, lines: [] })
    app.pass(DAY)
    await read(whole)
    expect(app.env.reasons).toEqual(['superseded', 'superseded', 'expired'])
  })

  it('is migrated by one of several parallel requests; the others change nothing', async () => {
    const { browser, whole, live } = await movingApp()
    const answers = await Promise.all(Array.from({ length: 5 }, () =>
      browser.visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${whole}` })))
    expect(answers.map(({ result }) => result).filter(data => data.cart)).toHaveLength(1)
    expect(answers.flatMap(({ lines }) => lines)).toHaveLength(1)
    expect(live()).toHaveLength(1)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })

  it('that is logged out at its first request cannot be replayed', async () => {
    const { browser, whole, read, live } = await movingApp()
    const transportless = { writeRefusal: 'readonly' as const }
    await browser.visit(async ({ use }) => (await use()).clear().catch(() => undefined), transportless)
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(await read(whole)).toMatchObject({ result: {}, lines: [] })
    expect(live()).toEqual([])
  })

  it('is read without migration if no response can send the new cookie, and is migrated later', async () => {
    const { browser, live } = await movingApp()
    const { result } = await browser.visit(async ({ use }) => (await use()).userId, { writeRefusal: 'readonly' })
    expect([result, live().length]).toEqual(['ada', 0])
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
    expect(live()).toHaveLength(1)
  })

  it('that comes by header is read without migration, and is migrated with its first write', async () => {
    const { app, whole, live } = await movingApp()
    const client = app.browser()
    const request = { headers: { 'x-h3-session': whole } }
    const read = await client.visit(async ({ use }) => (await use()).userId, request)
    expect([read.result, read.lines, live().length]).toEqual(['ada', [], 0])
    const written = await client.visit(async ({ use }) => (await use()).update({ b: 1 }), request)
    expect(await openSeal(written.transport.responseHeaders['x-h3-session'])).toEqual({ id: written.result.id, name: 'h3', sealedAt: app.env.time, userId: 'ada' })
    expect(live()).toHaveLength(1)
  })

  it('is rejected if its user was logged out everywhere after the login', async () => {
    const { app, browser } = await movingApp()
    await app.env.storeOf(app.resolve()).raiseEpoch('ada')
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBeUndefined()
    expect(app.env.reasons).toEqual(['revoked'])
  })

  it('is migrated if its user was bound after that, with the time of an earlier login', async () => {
    const { app, browser } = await movingApp()
    const authenticatedAt = app.env.time
    app.pass(1)
    await app.env.storeOf(app.resolve()).raiseEpoch('ada')
    app.pass(1)
    browser.jar.receive([`h3=${await app.seal({ userId: 'ada', authenticatedAt })}; Path=/`], app.env.time)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })

  it('is rejected after the date, and if it has ended', async () => {
    const { app, read, browser } = await movingApp({ maxAge: 10 * DAY })
    app.pass(10 * DAY)
    await read()
    app.config.migrateUntil = new Date(app.env.time)
    await browser.visit(({ use }) => use(), { cookie: `h3=${await app.seal({ data: { a: 1 } })}` })
    expect(app.env.reasons).toEqual(['expired', 'expired'])
  })
})
