import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

describe('parallel calls in one request', () => {
  it('share one session and emit one Set-Cookie', async () => {
    const { result, transport, shapes } = await new TestApp().browser().visit(({ use }) => Promise.all([use(), use(), use()]))
    expect(result.map(session => session.id)).toEqual(['id-1', 'id-1', 'id-1'])
    expect([shapes.length, transport.writes]).toEqual([1, 1])
  })

  it('unseal a known session once', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    const { result } = await browser.visit(({ use }) => Promise.all([use(), use()]))
    expect(result[0].data).toBe(result[1].data)
  })

  it('lose no update', async () => {
    const browser = new TestApp().browser()
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      await Promise.all(Array.from({ length: 50 }, () => session.update(data => ({ count: (data.count ?? 0) + 1 }))))
    })
    expect(lines).toHaveLength(1)
    expect(await browser.data()).toEqual({ count: 50 })
  })

  it('are committed one after the other, also by several managers', async () => {
    const browser = new TestApp().browser()
    const { lines } = await browser.visit(async ({ use }) => {
      await Promise.all([
        use().then(session => session.update({ a: 1 })),
        use().then(session => session.regenerate({ userId: 'ada' })),
        use().then(session => session.update({ b: 2 })),
      ])
    })
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ userId: 'ada', data: { a: 1, b: 2 } })
  })

  it('continue after one that fails, which fails alone', async () => {
    const browser = new TestApp().browser()
    const { result } = await browser.visit(async ({ use }) => {
      const session = await use()
      return Promise.allSettled([session.update({ a: 1 }), session.update({ bad: () => 1 }), session.update({ b: 2 })])
    })
    expect(result.map(each => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await browser.data()).toEqual({ a: 1, b: 2 })
  })

  it('of several sessions lose none of their cookies', async () => {
    const browser = new TestApp({ named: { cart: {} } }).browser()
    const both = (write: 'update' | 'clear') => browser.visit(async ({ use }) => {
      const [session, cart] = await Promise.all([use(), use({ name: 'cart' })])
      await Promise.all([session[write](), cart[write]()])
    })
    expect((await both('update')).lines).toHaveLength(2)
    expect(browser.jar.names.toSorted()).toEqual(['cart', 'h3'])
    expect((await both('clear')).lines).toHaveLength(2)
    expect(browser.jar.names).toEqual([])
  })

  it('do not commit what a slow hook of another write has not agreed to', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => {
      const session = await use()
      app.env.on('session:update', async (current) => {
        await new Promise(resolve => setImmediate(resolve))
        if (current.data.bad) throw new Error('no')
      })
      const results = await Promise.allSettled([session.update({ bad: true }), session.update({ good: true })])
      expect(results.map(each => each.status)).toEqual(['rejected', 'fulfilled'])
    })
    expect(await browser.data()).toEqual({ good: true })
  })
})
