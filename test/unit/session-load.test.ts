import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { PASSWORD, TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

describe('a request\'s session', () => {
  it('is empty for a new visitor and is sent in one cookie', async () => {
    const app = new TestApp()
    const { lines, shapes, result, transport } = await app.browser().visit(({ use }) => use())
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({ id: 'id-1', createdAt: app.env.time, data: {}, name: 'h3' })
    expect(result).toMatchObject({ id: 'id-1', data: {}, isNew: true, createdAt: app.env.time })
    expect(result).toMatchObject({ expiresAt: undefined, userId: undefined, authenticatedAt: undefined })
    expect(transport.isUncacheable).toBe(true)
  })

  it('is the same in the next request, and reading it writes nothing', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(60)
    const { result, transport } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ id: 'id-1', data: { a: 1 }, isNew: false, createdAt: app.env.time - 60_000 })
    expect(transport.writes).toBe(0)
    expect(transport.setCookies()).toEqual([])
    expect(transport.isUncacheable).toBe(false)
    expect(transport.vary).toEqual(['Cookie', 'x-h3-session'])
  })

  it('sets no caching headers if cacheHeaders is off', async () => {
    const { transport } = await new TestApp({ cacheHeaders: false }).browser().visit(({ use }) => use())
    expect(transport.isUncacheable).toBe(false)
    expect(transport.vary).toEqual([])
  })

  it('is JSON with id and data', async () => {
    const { result } = await new TestApp().browser().visit(async ({ use }) => JSON.stringify(await (await use()).update({ a: 1 })))
    expect(result).toBe('{"id":"id-1","data":{"a":1}}')
  })

  it('has a handle that names it and is not its id', async () => {
    const { result } = await new TestApp().browser().visit(({ use }) => use())
    expect(result.handle).toBe(createHash('sha256').update('id-1').digest('hex'))
  })

  it('uses the call\'s own id generator', async () => {
    const { result } = await new TestApp().browser().visit(({ use }) => use({ generateId: () => 'mine' }))
    expect(result.id).toBe('mine')
  })

  it('keeps a change in place with the next update, not before', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => { (await use()).data.lost = 1 })
    expect(await browser.data()).toEqual({})
    await browser.visit(async ({ use }) => {
      const session = await use()
      session.data.kept = 1
      await session.update()
    })
    expect(await browser.data()).toEqual({ kept: 1 })
  })

  it('keeps unknown sealed keys', async () => {
    const app = new TestApp()
    const browser = app.browser()
    browser.jar.set('h3', await app.seal({ later: 'kept' }))
    const { lines } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ later: 'kept', data: { a: 1 } })
  })

  it('is in event.context as in h3, with exactly the sealed keys', async () => {
    const app = new TestApp()
    const { transport, lines } = await app.browser().visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect({ ...transport.sessions.h3 }).toEqual(await openSeal(valueOf(lines, 'h3')))
  })
})

describe('a rejected token', () => {
  const app = () => new TestApp({ saveUninitialized: false })

  it.each<[reason: string, token: (of: TestApp) => string | Promise<string>]>([
    ['malformed', () => 'nonsense'],
    ['malformed', () => '__chunked__2'],
    ['malformed', () => '__chunked__999999999'],
    ['malformed', () => 'x'.repeat(20_000)],
    ['malformed', () => '%E0%A4%A'],
    ['malformed', of => of.seal({ id: '' })],
    ['malformed', of => of.seal({ data: [] as never })],
    ['tampered', async of => (await of.seal()).replace(/.$/, end => (end === 'A' ? 'B' : 'A'))],
    ['tampered', of => new TestApp({ password: 'another password with 32 characters' }).seal({ createdAt: of.env.time })],
    ['foreign', of => of.seal({ name: 'other' })],
    ['expired', of => of.seal({ createdAt: of.env.time - 400 * 86_400_000 })],
  ])('is %s: a new session, one call of the hook, and nothing is sent by itself', async (reason, token) => {
    const of = app()
    const browser = of.browser()
    browser.jar.set('h3', await token(of))
    const { result, transport } = await browser.visit(async ({ use }) => [await use(), await use()] as const)
    expect(result[0]).toMatchObject({ id: 'id-1', data: {}, isNew: true })
    expect(result[1].id).toBe('id-1')
    expect(of.env.reasons).toEqual([reason])
    expect(transport.writes).toBe(0)
  })

  it.each<[sealedBy: string, isDevelopment: boolean, warnings: unknown[]]>([
    ['another password with 32 characters', true, [expect.stringMatching(/^A request brought a session "h3" that was sealed with another password/)]],
    ['another password with 32 characters', false, []],
    [PASSWORD, true, []],
  ])('warns in development about another password: sealed by "%s", development %s', async (password, isDevelopment, warnings) => {
    const of = new TestApp()
    of.env.isDevelopment = isDevelopment
    const browser = of.browser()
    browser.jar.set('h3', await new TestApp({ password }).seal({ createdAt: of.env.time }))
    await browser.visit(({ use }) => use())
    expect(of.env.warnings).toEqual(warnings)
  })

  it('is replaced by the new session\'s cookie', async () => {
    const of = new TestApp()
    const browser = of.browser()
    browser.jar.set('h3', 'nonsense')
    const { shapes } = await browser.visit(({ use }) => use())
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
  })

  it('gives the hook neither seal nor password', async () => {
    const of = app()
    const browser = of.browser()
    browser.jar.set('h3', 'nonsense')
    await browser.visit(({ use }) => use())
    expect(of.env.calls.map(call => call.info)).toEqual([{ name: 'h3', transport: 'cookie', reason: 'malformed' }])
  })
})
