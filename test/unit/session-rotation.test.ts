import { describe, expect, it } from 'vitest'
import { OLD_PASSWORD, PASSWORD, TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'
import { recordsOf, storedApp, write } from './support/stored'

const SLOW = { encryption: { iterations: 10 }, integrity: { iterations: 10 } } as never

describe('an array of passwords', () => {
  it('reads seals of each, and seals those of the others again with the first, once and without update hooks', async () => {
    const old = new TestApp({ password: OLD_PASSWORD })
    const app = new TestApp({ password: [PASSWORD, OLD_PASSWORD] })
    const browser = app.browser()
    browser.jar.set('h3', await old.seal({ data: { a: 1 } }))
    const { result, lines } = await browser.visit(({ use }) => use())
    expect([result.data, app.env.takeCalls()]).toEqual([{ a: 1 }, ['session:load']])
    expect(await openSeal(valueOf(lines, 'h3'), PASSWORD)).toMatchObject({ id: 'sealed', data: { a: 1 } })
    expect((await browser.visit(({ use }) => use())).transport.writes).toBe(0)
  })

  it('seals the reference of a stored session again on a read, without a write of the record', async () => {
    const app = storedApp({ password: OLD_PASSWORD })
    const browser = app.browser()
    await write(browser, { a: 1 })
    const [record] = recordsOf(app)
    app.config.password = [PASSWORD, OLD_PASSWORD]
    app.pass(60)
    const { lines } = await browser.visit(({ use }) => use())
    expect(await openSeal(valueOf(lines, 'h3'), PASSWORD)).toMatchObject({ name: 'h3', sealedAt: app.env.time })
    expect(recordsOf(app)).toEqual([record])
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
    app.config.password = [PASSWORD]
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('rejects a seal with a removed password', async () => {
    const app = new TestApp({ password: [PASSWORD] })
    const cookie = `h3=${await new TestApp({ password: OLD_PASSWORD }).seal()}`
    await app.browser().visit(({ use }) => use(), { cookie })
    expect(app.env.reasons).toEqual(['tampered'])
  })

  it('reads with the last of four', async () => {
    const others = [1, 2, 3].map(index => `${index} password that is long enough to be one`)
    const app = new TestApp({ password: [...others, OLD_PASSWORD] })
    const cookie = `h3=${await new TestApp({ password: OLD_PASSWORD }).seal({ data: { a: 1 } })}`
    expect((await app.browser().visit(({ use }) => use(), { cookie })).result.data).toEqual({ a: 1 })
  })
})

describe('legacySealFallback', () => {
  it('accepts a seal of one iteration and seals it again at once, without update hooks', async () => {
    const app = new TestApp({ seal: SLOW, legacySealFallback: true })
    const browser = app.browser()
    browser.jar.set('h3', await new TestApp().seal({ data: { a: 1 } }))
    const { result, shapes } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ id: 'sealed', data: { a: 1 }, isNew: false })
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(app.env.takeCalls()).toEqual(['session:load'])
    app.config.legacySealFallback = false
    expect((await browser.visit(({ use }) => use())).transport.writes).toBe(0)
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('is off by default', async () => {
    const app = new TestApp({ seal: SLOW })
    const cookie = `h3=${await new TestApp().seal()}`
    expect((await app.browser().visit(({ use }) => use(), { cookie })).result.isNew).toBe(true)
    expect(app.env.reasons).toEqual(['tampered'])
  })

  it('works with the second password too', async () => {
    const app = new TestApp({ seal: SLOW, legacySealFallback: true, password: [PASSWORD, OLD_PASSWORD] })
    const cookie = `h3=${await new TestApp({ password: OLD_PASSWORD }).seal({ data: { a: 1 } })}`
    expect((await app.browser().visit(({ use }) => use(), { cookie })).result.data).toEqual({ a: 1 })
  })

  it.each<[how: string, config: object, old: object]>([
    ['one iteration', { seal: SLOW, legacySealFallback: true }, {}],
    ['a rotated password', { password: [PASSWORD, OLD_PASSWORD] }, { password: OLD_PASSWORD }],
  ])('does not seal a token by header again, of %s', async (_, config, old) => {
    const app = new TestApp(config)
    const headers = { 'x-h3-session': await new TestApp(old).seal({ data: { a: 1 } }) }
    const { result, transport } = await app.browser().visit(({ use }) => use(), { headers })
    expect([result.data, transport.writes]).toEqual([{ a: 1 }, 0])
  })
})
