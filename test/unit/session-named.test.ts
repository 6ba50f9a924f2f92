import { describe, expect, it } from 'vitest'
import type { SessionManager } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'

const NAMED = { cart: { maxAge: 60, cookie: { sameSite: 'strict' as const } } }

describe('sessions by name', () => {
  it('have their own cookie, options and data', async () => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    const { shapes } = await browser.visit(async ({ use }) => {
      await (await use()).update({ a: 1 })
      await (await use({ name: 'cart' })).update({ b: 2 })
    })
    expect(shapes).toEqual([
      'h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax',
      'cart=<seal>; Path=/; Expires=Wed, 01 Jan 2031 00:01:00 GMT; HttpOnly; Secure; SameSite=Strict',
    ])
    expect(await browser.data()).toEqual({ a: 1 })
    expect(await browser.data({ name: 'cart' })).toEqual({ b: 2 })
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(await browser.data({ name: 'cart' })).toEqual({ b: 2 })
  })

  it('reject each other\'s seals', async () => {
    const app = new TestApp({ named: NAMED })
    const cookie = `cart=${await app.seal({ name: 'h3', data: { admin: true } })}`
    const { result } = await app.browser().visit(({ use }) => use({ name: 'cart' }), { cookie })
    expect([result.data, app.env.reasons]).toEqual([{}, ['foreign']])
  })

  it.each([[true, { a: 1 }], [false, {}]])('with acceptUnnamed %s read an unnamed seal as %j', async (acceptUnnamed, data) => {
    const app = new TestApp({ acceptUnnamed })
    const cookie = `h3=${await app.seal({ data: { a: 1 } })}`
    expect((await app.browser().visit(({ use }) => use(), { cookie })).result.data).toEqual(data)
  })

  it('count together against cookie.maxBytes', async () => {
    const app = new TestApp({ named: NAMED, cookie: { maxBytes: 4000 } })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ text: 'x'.repeat(1500) }))
    await browser.visit(async ({ use }) => {
      const cart = await use({ name: 'cart' })
      await expect(cart.update({ text: 'x'.repeat(1500) })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' })
    })
  })

  it.each([['h3', 'the session "big"'], ['big', 'it']])('too large together, are named with their bytes, and the largest is to shrink: a write of %s', async (last, largest) => {
    const app = new TestApp({ named: { big: {}, cart: {}, unused: {} }, cookie: { maxBytes: 7000 } })
    const browser = app.browser()
    const write = (name: string) => browser.visit(async ({ use }) => (await use({ name })).update({ text: 'x'.repeat({ big: 3000, h3: 2000 }[name] ?? 10) }))
    for (const name of ['cart', 'big', 'h3']) if (name !== last) await write(name)
    const { message } = await write(last).then(() => ({ message: '' }), (error: Error) => error)
    const [sizes] = /(?<=the sessions' cookies would take )\d+ bytes \(big \d+, h3 \d+, cart \d+\)(?=, cookie\.maxBytes allows 7000 bytes\.)/.exec(message) ?? ['']
    const [total, ...each] = (sizes.match(/\b\d+/g) ?? []).map(Number)
    expect(each.reduce((sum, bytes) => sum + bytes, 0)).toBe(total)
    expect(message).toContain(`Keep less in ${largest}, such as ids`)
  })

  it('do not fail because of a cookie with the name of another', async () => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    browser.jar.set('cart', 'x'.repeat(4000))
    for (const index of [1, 2]) browser.jar.set(`cart.${index}`, 'x'.repeat(4000))
    const { result } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ data: {}, isNew: true })
  })

  it('do not fail because of seals with unknown names', async () => {
    const app = new TestApp({})
    const browser = app.browser()
    for (const name of ['__proto__', 'a(b', 'h3.7', 'x.1']) browser.jar.set(name, `Fe26.2**${'x'.repeat(4000)}`)
    const { result } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(result.data).toEqual({ a: 1 })
  })

  it('are counted together if a name is only in the call', async () => {
    const app = new TestApp({ cookie: { maxBytes: 4000 } })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use({ name: 'draft' })).update({ text: 'x'.repeat(1500) }))
    await browser.visit(async ({ use }) => {
      await expect((await use()).update({ text: 'x'.repeat(1500) })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' })
    })
  })

  it('do not deadlock if the hooks of two write each other', async () => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    app.env.on('session:update', async (_, __, { state, transport }) => {
      const other = state.name === 'h3' ? 'cart' : 'h3'
      await app.request(transport as never).use({ name: other }).then(session => session.update({ [`by-${state.name}`]: 1 }))
    })
    await browser.visit(async ({ use }) => {
      const [main, cart] = [await use(), await use({ name: 'cart' })]
      await Promise.all([main.update({ a: 1 }), cart.update({ b: 2 })])
    })
    expect(await browser.data()).toMatchObject({ 'a': 1, 'by-cart': 1 })
    expect(await browser.data({ name: 'cart' })).toMatchObject({ 'b': 2, 'by-h3': 1 })
  })

  it.each([['read', async () => undefined], ['write', async (session: SessionManager) => { await session.update({ loaded: 1 }) }]])('do not deadlock if the load hooks of two that are opened in parallel %s each other\'s session', async (_, use) => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    await browser.visit(async request => void await Promise.all([request.use(), request.use({ name: 'cart' })]))
    app.env.on('session:load', async (_, __, { state, transport }) => {
      await use(await app.request(transport as never).use({ name: state.name === 'h3' ? 'cart' : 'h3' }))
    })
    await browser.visit(async request => void await Promise.all([request.use(), request.use({ name: 'cart' })]))
  })

  it('do not deadlock if one that is written opens another, whose load hook writes the first', async () => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    await browser.visit(async request => void await Promise.all([request.use(), request.use({ name: 'cart' })]))
    app.env.on('session:update', async (_, __, { state, transport }) => {
      if (state.name === 'h3') await app.request(transport as never).use({ name: 'cart' })
    })
    app.env.on('session:load', async (_, __, { state, transport }) => {
      if (state.name !== 'cart') return
      await new Promise(resolve => setTimeout(resolve))
      await app.request(transport as never).use().then(session => session.update({ byCart: 1 }))
    })
    await browser.visit(async ({ use }) => {
      const session = await use()
      await Promise.all([use({ name: 'cart' }), session.update({ a: 1 })])
    })
    expect(await browser.data()).toMatchObject({ a: 1, byCart: 1 })
  })

  it('lose no write of a hook that runs on after the hook which started it without awaiting it', async () => {
    const app = new TestApp({ named: NAMED })
    const browser = app.browser()
    let cart: SessionManager | undefined
    let late: Promise<unknown> | undefined
    app.env.on('session:update', async (_, __, { state, transport }) => {
      if (state.name === 'h3') {
        late ??= cart?.update({ seen: 1 })
        return
      }
      await new Promise(resolve => setTimeout(resolve, 10))
      await app.request(transport as never).use().then(session => session.update({ byCart: 1 }))
    })
    await browser.visit(async ({ use }) => {
      cart = await use({ name: 'cart' })
      await use().then(session => session.update({ a: 1 }))
      await late
    })
    expect(await browser.data()).toMatchObject({ a: 1, byCart: 1 })
  })

  it('do not wait for each other', async () => {
    const app = new TestApp({ named: NAMED })
    app.env.on('session:create', async (_, __, { state, transport }) => {
      if (state.name === 'h3') await app.request(transport as never).use({ name: 'cart' }).then(cart => cart.update({ b: 2 }))
    })
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    expect(await browser.data({ name: 'cart' })).toEqual({ b: 2 })
  })
})
