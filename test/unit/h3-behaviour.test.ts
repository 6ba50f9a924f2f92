import { describe, expect, it } from 'vitest'
import { openToken } from '../../src/runtime/core/session/token'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

/** The behaviour of sessions in the tests and docs of h3 v1 and v2, as our own tests. */
describe('as in h3 v1 and v2', () => {
  it('the first request initiates a session', async () => {
    const { result, shapes } = await new TestApp({ name: 'h3-test' }).browser().visit(({ use }) => use())
    expect(result).toMatchObject({ id: 'id-1', data: {} })
    expect(shapes).toEqual(['h3-test=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
  })

  it('the next request gets the same session back, and no new cookie', async () => {
    const browser = new TestApp().browser()
    const first = await browser.visit(({ use }) => use())
    const second = await browser.visit(({ use }) => use())
    expect([second.result.id, second.lines]).toEqual([first.result.id, []])
  })

  it('data that is set is read again, merged with the earlier data', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ foo: 'bar' }))
    await browser.visit(async ({ use }) => (await use()).update(data => ({ count: (data.count ?? 0) + 1 })))
    expect(await browser.data()).toEqual({ foo: 'bar', count: 1 })
  })

  it('concurrent readers of one request get one session', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ foo: 'bar' }))
    const { result } = await browser.visit(({ use }) => Promise.all([1, 2, 3].map(() => use())))
    expect(result.map(session => [session.id, session.data])).toEqual(Array.from({ length: 3 }, () => ['id-1', { foo: 'bar' }]))
  })

  it('a custom generateId makes the ids', async () => {
    let next = 41
    const config = { generateId: () => String(++next) }
    expect((await new TestApp().browser().visit(({ use }) => use(config))).result.id).toBe('42')
  })

  it('cookie options of the configuration reach the cookie', async () => {
    const { shapes } = await new TestApp({ cookie: { httpOnly: false, secure: false, sameSite: 'strict', path: '/app' } }).browser().visit(({ use }) => use())
    expect(shapes).toEqual(['h3=<seal>; Path=/app; SameSite=Strict'])
  })

  it('cookie: false keeps the session to the header', async () => {
    expect((await new TestApp({ cookie: false }).browser().visit(async ({ use }) => (await use()).update({ a: 1 }))).lines).toEqual([])
  })

  it('maxAge is the cookie\'s Expires, from createdAt', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(30)
    const { shapes } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(shapes).toEqual(['h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 00:01:00 GMT; HttpOnly; Secure; SameSite=Lax'])
  })

  it('an expired session is a new one', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(61)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ id: 'id-2', data: {} })
  })

  it('clear sends Max-Age=0, for every chunk too', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ text: 'x'.repeat(4000) }))
    const { lines } = await browser.visit(async ({ use }) => (await use()).clear())
    expect(lines.map(line => line.split('; ').slice(0, 2))).toEqual([['h3=', 'Max-Age=0'], ['h3.1=', 'Max-Age=0'], ['h3.2=', 'Max-Age=0']])
  })

  it('the header wins over the cookie, in any case of its configured name', async () => {
    const app = new TestApp({ sessionHeader: 'X-Session' })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ from: 'cookie' }))
    const token = await app.seal({ data: { from: 'header' } })
    expect((await browser.visit(({ use }) => use(), { headers: { 'x-session': token } })).result.data).toEqual({ from: 'header' })
  })

  it('sealSession and unsealSession transfer a session without a request', async () => {
    const app = new TestApp()
    const token = await app.seal({ id: 'carried', data: { a: 1 } })
    expect(await openToken(token, app.resolve(), app.env.time)).toMatchObject({ session: { id: 'carried', data: { a: 1 } } })
    expect(await openToken('no seal', app.resolve(), app.env.time)).toEqual({ reason: 'malformed' })
  })
})

describe('as in h3 v2', () => {
  const slow: SessionConfig = { seal: { encryption: { iterations: 3 }, integrity: { iterations: 3 } } as never }

  it('a large session is sent and read in chunks', async () => {
    const browser = new TestApp().browser()
    const data = { token: 'x'.repeat(4500) }
    const { lines } = await browser.visit(async ({ use }) => (await use()).update(data))
    expect(lines.map(line => line.split('=', 1)[0])).toEqual(['h3', 'h3.1', 'h3.2'])
    expect(valueOf(lines, 'h3')).toBe('__chunked__2')
    expect(await browser.data()).toEqual(data)
  })

  it('a session that shrinks drops its chunks', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ token: 'x'.repeat(4500) }))
    await browser.visit(async ({ use }) => (await use()).update({ token: undefined }))
    expect(browser.jar.names).toEqual(['h3'])
  })

  it('a seal of one iteration is accepted and sealed again with the fallback, rejected without', async () => {
    for (const [legacySealFallback, data, lines] of [[true, { a: 1 }, 1], [false, {}, 0]] as const) {
      const app = new TestApp({ ...slow, legacySealFallback, saveUninitialized: false })
      const visit = await app.browser().visit(({ use }) => use(), { cookie: `h3=${await new TestApp().seal({ data: { a: 1 } })}` })
      expect([visit.result.data, visit.lines.length]).toEqual([data, lines])
    }
  })

  it('a seal that was renewed is not renewed again', async () => {
    const app = new TestApp({ ...slow, legacySealFallback: true })
    const browser = app.browser()
    browser.jar.set('h3', await new TestApp().seal({ data: { a: 1 } }))
    await browser.visit(({ use }) => use())
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
  })

  it('idleTimeout ends a session that is not used, and not one that is', async () => {
    const app = new TestApp({ idleTimeout: 60 })
    const [used, unused] = [app.browser(), app.browser()]
    for (const browser of [used, unused]) await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    for (let turn = 0; turn < 5; turn++) {
      app.pass(40)
      expect(await used.data()).toEqual({ a: 1 })
    }
    expect(await unused.data()).toEqual({})
  })

  it('idleTimeout slides lastSeenAt and the cookie after half the window, and keeps createdAt', async () => {
    const app = new TestApp({ idleTimeout: 60 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(29)
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
    app.pass(2)
    const { lines, shapes } = await browser.visit(({ use }) => use())
    expect(shapes).toEqual(['h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 00:01:31 GMT; HttpOnly; Secure; SameSite=Lax'])
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ lastSeenAt: app.env.time, createdAt: app.env.time - 31_000 })
  })

  it('no lastSeenAt is kept without idleTimeout', async () => {
    const { lines } = await new TestApp({ maxAge: 60 }).browser().visit(({ use }) => use())
    expect(await openSeal(valueOf(lines, 'h3'))).not.toHaveProperty('lastSeenAt')
  })

  it('maxAge bounds what idleTimeout slides', async () => {
    const app = new TestApp({ idleTimeout: 60, maxAge: 90 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(50)
    expect((await browser.visit(({ use }) => use())).lines[0]).toContain('Expires=Wed, 01 Jan 2031 00:01:30 GMT')
    app.pass(40)
    expect(await browser.data()).toEqual({})
  })

  it('a session by header is read and not renewed', async () => {
    const app = new TestApp({ idleTimeout: 60 })
    const headers = { 'x-h3-session': await app.seal({ data: { a: 1 } }) }
    app.pass(50)
    const { result, transport } = await app.browser().visit(({ use }) => use(), { headers })
    expect([result.data, transport.writes]).toEqual([{ a: 1 }, 0])
  })

  it('the cookie of a session is set once, however often it is written', async () => {
    const { lines } = await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      for (let n = 0; n < 3; n++) await session.update({ n })
    })
    expect(lines).toHaveLength(1)
  })

  it('a cookie that is set before an error reaches the browser', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => {
      await (await use()).update({ attempts: 1 })
      throw new Error('401')
    }).catch(() => {})
    expect(await browser.data()).toEqual({ attempts: 1 })
  })

  it('no key of Object.prototype is session data', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    const { result } = await browser.visit(async ({ use }) => Object.keys((await use()).data))
    expect(result).toEqual(['a'])
  })
})
