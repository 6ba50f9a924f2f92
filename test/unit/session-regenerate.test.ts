import { describe, expect, it } from 'vitest'
import type { RegenerateOptions } from '../../src/runtime/core/model/types'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

describe('regenerate', () => {
  it('sets a new id in one commit and keeps data and times', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(10)
    const { result, transport } = await browser.visit(async ({ use }) => (await use()).regenerate())
    expect(result).toMatchObject({ id: 'id-2', data: { a: 1 }, createdAt: app.env.time - 10_000, userId: undefined, authenticatedAt: undefined })
    expect(transport.writes).toBe(1)
  })

  it('binds a user and restarts the times', async () => {
    const app = new TestApp({ maxAge: 100 })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(60)
    const { lines } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { role: 'admin' } }))
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({
      id: 'id-2', createdAt: app.env.time, authenticatedAt: app.env.time, userId: 'ada', name: 'h3', data: { role: 'admin' },
    })
    app.pass(60)
    const { result } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ userId: 'ada', authenticatedAt: app.env.time - 60_000, expiresAt: app.env.time + 40_000 })
  })

  it.each<[behaviour: string, userId: string | undefined, options: RegenerateOptions, data: object]>([
    ['keeps a visitor\'s data at login', undefined, { userId: 'ada' }, { cart: 1 }],
    ['keeps the data of the same user', 'ada', { userId: 'ada' }, { cart: 1 }],
    ['keeps the data without a user', 'ada', {}, { cart: 1 }],
    ['drops another user\'s data', 'bob', { userId: 'ada', data: { mine: 1 } }, { mine: 1 }],
    ['keeps another user\'s data with keepData: true', 'bob', { userId: 'ada', keepData: true }, { cart: 1 }],
    ['drops the data with keepData: false', undefined, { keepData: false }, {}],
    ['merges data into what is kept', undefined, { data: { cart: undefined, b: 2 } }, { b: 2 }],
  ])('%s', async (_, userId, options, data) => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId, data: { cart: 1 } }))
    await browser.visit(async ({ use }) => (await use()).regenerate(options))
    expect(await browser.data()).toEqual(data)
  })

  it('drops another user\'s flash too', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.regenerate({ userId: 'bob' })
      await session.flash('secret', 'of bob')
    })
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    const { result } = await browser.visit(async ({ use }) => (await use()).flash('secret'))
    expect(result).toBeUndefined()
  })

  it('keeps the bound user if no user is given', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    const { result } = await browser.visit(async ({ use }) => (await use()).regenerate())
    expect(result).toMatchObject({ id: 'id-3', userId: 'ada' })
  })

  it.each(['', 1, null, {}])('rejects the userId %o', async (userId) => {
    await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await expect(session.regenerate({ userId: userId as string })).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
      expect(session.id).toBe('id-1')
    })
  })

  it.each<[options: unknown, message: string]>([
    [{ userID: 'ada' }, 'regenerate() has an unknown option "userID". Did you mean "userId"?'],
    [{ userId: 'ada', theme: 'dark' }, 'regenerate() has an unknown option "theme". Data goes into "data"'],
    ['ada', 'regenerate() got the options "ada". Give an object, such as { userId: user.id }.'],
    [null, 'regenerate() got the options null. Give an object'],
  ])('rejects the options %o, so that no login is lost', async (options, message) => {
    await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await expect(session.regenerate(options as RegenerateOptions)).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining(message) as string })
      expect(session).toMatchObject({ id: 'id-1', userId: undefined })
    })
  })

  it('seals its own maxAge in, which governs later requests', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    const { lines, shapes } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', maxAge: 3600 }))
    expect(shapes).toEqual(['h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 01:00:00 GMT; HttpOnly; Secure; SameSite=Lax'])
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ maxAge: 3600 })
    app.pass(3599)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ userId: 'ada', expiresAt: app.env.time + 1000 })
    app.pass(1)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ userId: undefined, isNew: true })
  })

  it('uses the configured maxAge again at the next login', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', maxAge: 3600 }))
    const { result } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    expect(result.expiresAt).toBe(app.env.time + 60_000)
  })

  it.each([{}, { storage: 'kept' }])('seals its own idleTimeout in, which governs later requests, with %j', async (config) => {
    const app = new TestApp({ idleTimeout: 60, ...config })
    const browser = app.browser()
    const { shapes } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', idleTimeout: 3600 }))
    expect(shapes).toEqual(['h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 01:00:00 GMT; HttpOnly; Secure; SameSite=Lax'])
    app.pass(1799)
    const read = await browser.visit(({ use }) => use())
    expect([read.result.userId, read.lines]).toEqual(['ada', []])
    app.pass(1)
    const renewed = await browser.visit(({ use }) => use())
    expect(renewed.result).toMatchObject({ userId: 'ada', expiresAt: app.env.time + 3_600_000 })
    expect(renewed.shapes).toEqual(['h3=<seal>; Path=/; Expires=Wed, 01 Jan 2031 01:30:00 GMT; HttpOnly; Secure; SameSite=Lax'])
    app.pass(3599)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
    app.pass(3600)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ userId: undefined, isNew: true })
  })

  it.each([{}, { storage: 'kept' }])('seals in that no idle timeout applies, with %j', async (config) => {
    const app = new TestApp({ idleTimeout: 60, ...config })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', maxAge: 86_400, idleTimeout: false }))
    app.pass(86_399)
    expect((await browser.visit(({ use }) => use())).result).toMatchObject({ userId: 'ada', expiresAt: app.env.time + 1000 })
    app.pass(1)
    expect((await browser.visit(({ use }) => use())).result.userId).toBeUndefined()
  })

  it('seals in that only the 400 days apply, with maxAge: false', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', maxAge: false }))
    app.pass(400 * 86_400 - 1)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })

  it('uses the configured idleTimeout again at the next login, and keeps its own at a new id', async () => {
    const app = new TestApp({ idleTimeout: 60 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', idleTimeout: false }))
    expect((await browser.visit(async ({ use }) => (await use()).regenerate())).result.expiresAt).toBeUndefined()
    const { result } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    expect(result.expiresAt).toBe(app.env.time + 60_000)
  })

  it.each([{ idleTimeout: 'soon' }, { idleTimeout: -1 }, { idleTimeout: Number.NaN }, { idleTimeout: true }])('rejects %j', async (options) => {
    const { result } = await new TestApp().browser().visit(async ({ use }) => (await use()).regenerate(options as never).catch((error: { code: string }) => error.code))
    expect(result).toBe('SESSION_CONFIG_INVALID')
  })

  it('binds a user with the time of an earlier login, or of none', async () => {
    const app = new TestApp({ maxAge: 60 })
    const browser = app.browser()
    const login = app.env.time - 5000
    const { result } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', authenticatedAt: login }))
    expect(result).toMatchObject({ userId: 'ada', authenticatedAt: login, createdAt: app.env.time, expiresAt: app.env.time + 60_000 })
    app.pass(10)
    const kept = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', authenticatedAt: 0 }))
    expect(kept.result).toMatchObject({ userId: 'ada', authenticatedAt: 0, createdAt: app.env.time })
  })

  it('never dates a login into the future, where it would stay recent for too long', async () => {
    const app = new TestApp()
    const { result } = await app.browser().visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', authenticatedAt: app.env.time + 60_000 }))
    expect(result.authenticatedAt).toBe(app.env.time)
  })

  it.each([
    [{ userId: 'ada', authenticatedAt: '2031' }], [{ userId: 'ada', authenticatedAt: -1 }], [{ userId: 'ada', authenticatedAt: Number.NaN }],
    [{ userId: 'ada', authenticatedAt: null }], [{ authenticatedAt: 5 }],
  ])('rejects %j', async (options) => {
    const { result } = await new TestApp().browser().visit(async ({ use }) => (await use()).regenerate(options as never).catch((error: { code: string }) => error.code))
    expect(result).toBe('SESSION_CONFIG_INVALID')
  })

  it('changes nothing if its data is not an object', async () => {
    await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await expect(session.regenerate({ userId: 'ada', data: [] as never })).rejects.toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE' })
      expect(session).toMatchObject({ id: 'id-1', userId: undefined })
    })
  })
})
