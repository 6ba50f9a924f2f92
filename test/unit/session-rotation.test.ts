import { describe, expect, it } from 'vitest'
import { OLD_PASSWORD, PASSWORD, TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

const SLOW = { encryption: { iterations: 10 }, integrity: { iterations: 10 } } as never

describe('an array of passwords', () => {
  it('reads seals of each, writes nothing for it, and seals with the first at the next write', async () => {
    const old = new TestApp({ password: OLD_PASSWORD })
    const app = new TestApp({ password: [PASSWORD, OLD_PASSWORD] })
    const browser = app.browser()
    browser.jar.set('h3', await old.seal({ data: { a: 1 } }))
    const read = await browser.visit(({ use }) => use())
    expect([read.result.data, read.carrier.writes]).toEqual([{ a: 1 }, 0])
    const { lines } = await browser.visit(async ({ use }) => (await use()).update({ b: 2 }))
    expect(await openSeal(valueOf(lines, 'h3'), PASSWORD)).toMatchObject({ id: 'sealed', data: { a: 1, b: 2 } })
  })

  it('refuses what was sealed with a password that is out', async () => {
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
  it('accepts a seal of one iteration and seals it anew at once, without update hooks', async () => {
    const app = new TestApp({ seal: SLOW, legacySealFallback: true })
    const browser = app.browser()
    browser.jar.set('h3', await new TestApp().seal({ data: { a: 1 } }))
    const { result, shapes } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ id: 'sealed', data: { a: 1 }, isNew: false })
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(app.env.takeCalls()).toEqual(['session:load'])
    app.config.legacySealFallback = false
    expect((await browser.visit(({ use }) => use())).carrier.writes).toBe(0)
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('is off unless asked for', async () => {
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

  it('does not seal anew what came by header', async () => {
    const app = new TestApp({ seal: SLOW, legacySealFallback: true })
    const headers = { 'x-h3-session': await new TestApp().seal({ data: { a: 1 } }) }
    const { result, carrier } = await app.browser().visit(({ use }) => use(), { headers })
    expect([result.data, carrier.writes]).toEqual([{ a: 1 }, 0])
  })
})
