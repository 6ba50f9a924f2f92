import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

const EXPIRES = (time: string) => `h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 ${time} GMT; HttpOnly; Secure; SameSite=Lax`

describe('maxAge', () => {
  it('ends the session to the second, however it is used', async () => {
    const app = new TestApp({ maxAge: 100, saveUninitialized: false })
    const browser = app.browser()
    const first = await browser.visit(async ({ use }) => (await use()).update({ n: 1 }))
    expect(first.shapes).toEqual([EXPIRES('00:01:40')])
    app.pass(99)
    const token = browser.jar.get('h3')!
    const second = await browser.visit(async ({ use }) => (await use()).update({ n: 2 }))
    expect(second.shapes).toEqual([EXPIRES('00:01:40')])
    app.pass(0.999)
    expect(await browser.data()).toEqual({ n: 2 })
    app.pass(0.001)
    for (const old of [token, valueOf(second.lines, 'h3')!]) {
      const { result } = await browser.visit(({ use }) => use(), { cookie: `h3=${old}` })
      expect(result.data).toEqual({})
    }
    expect(app.env.reasons).toEqual(['expired', 'expired'])
  })

  it('of the configuration ends sessions that were sealed without', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ n: 1 }))
    app.pass(61)
    expect(await browser.data({ maxAge: 60 })).toEqual({})
  })

  it('beyond 400 days is 400 days for the cookie and the session', async () => {
    const app = new TestApp({ maxAge: 1000 * 86_400 })
    const browser = app.browser()
    const { lines, result } = await browser.visit(({ use }) => use())
    expect(lines[0]).toContain('; Expires=Thu, 05 Feb 2032 00:00:00 GMT;')
    expect(result.expiresAt).toBe(Date.UTC(2032, 1, 5))
    app.pass(400 * 86_400)
    await browser.visit(({ use }) => use(), { cookie: `h3=${valueOf(lines, 'h3')}` })
    expect(app.env.reasons).toEqual(['expired'])
  })
})

describe('idleTimeout', () => {
  it('slides with use, at most once per half window', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    const first = await browser.visit(({ use }) => use())
    expect(first.shapes).toEqual([EXPIRES('00:01:40')])
    expect(await openSeal(valueOf(first.lines, 'h3'))).toMatchObject({ lastSeenAt: app.env.time })
    app.pass(49)
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
    app.pass(1)
    const renewed = await browser.visit(({ use }) => use())
    expect(renewed.shapes).toEqual([EXPIRES('00:02:30')])
    expect(await openSeal(valueOf(renewed.lines, 'h3'))).toMatchObject({ lastSeenAt: app.env.time })
    app.pass(99)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ id: 'id-1', expiresAt: app.env.time + 100_000 })
  })

  it('ends an unused session to the second', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    const cookie = `h3=${browser.jar.get('h3')}`
    app.pass(99.999)
    expect((await browser.visit(({ use }) => use(), { cookie })).result.id).toBe('id-1')
    app.pass(0.001)
    expect((await browser.visit(({ use }) => use(), { cookie })).result.id).toBe('id-2')
    expect(['idle', 'expired']).toContain(app.env.reasons[0])
  })

  it('counts from createdAt if a session has no last use, and rejects with idle', async () => {
    const app = new TestApp()
    const cookie = `h3=${await app.seal({ data: { a: 1 } })}`
    app.config.idleTimeout = 100
    app.pass(100)
    await app.browser().visit(({ use }) => use(), { cookie })
    expect(app.env.reasons).toEqual(['idle'])
  })

  it('never outlives maxAge', async () => {
    const app = new TestApp({ idleTimeout: 100, maxAge: 120 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(60)
    expect((await browser.visit(({ use }) => use())).shapes).toEqual([EXPIRES('00:02:00')])
    app.pass(60)
    expect((await browser.visit(({ use }) => use())).result.isNew).toBe(true)
  })

  it('is renewed by any write', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(10)
    expect((await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))).shapes).toEqual([EXPIRES('00:01:50')])
  })

  it('is renewed by a read without update hooks', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.env.takeCalls()
    app.pass(60)
    await browser.visit(({ use }) => Promise.all([use(), use()]))
    expect(app.env.takeCalls()).toEqual(['session:load'])
  })

  it.each(['readonly', 'headers-sent'] as const)('is not renewed if the response is %s; the session is still read', async (writeRefusal) => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(60)
    const { result, transport } = await browser.visit(({ use }) => use(), { writeRefusal })
    expect([result.id, transport.writes]).toEqual(['id-1', 0])
  })

  it('that ended is followed by a full window', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    const cookie = `h3=${browser.jar.get('h3')}`
    app.pass(500)
    const { result } = await browser.visit(({ use }) => use(), { cookie })
    expect(result).toMatchObject({ isNew: true, expiresAt: app.env.time + 100_000 })
  })
})
