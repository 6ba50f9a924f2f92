import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

describe('update', () => {
  it.each<[behaviour: string, before: object, patch: object | ((data: Record<string, unknown>) => object | undefined), after: object]>([
    ['merges a patch', { a: 1, b: 2 }, { b: 3, c: 4 }, { a: 1, b: 3, c: 4 }],
    ['merges shallowly', { a: { x: 1 } }, { a: { y: 2 } }, { a: { y: 2 } }],
    ['removes a key by undefined', { a: 1, b: 2 }, { a: undefined }, { b: 2 }],
    ['keeps null', { a: 1 }, { a: null }, { a: null }],
    ['merges what a function returns', { a: 1 }, data => ({ a: Number(data.a) + 1 }), { a: 2 }],
    ['keeps what a function changes in place', { a: { x: 1 } }, (data) => { (data.a as { x: number }).x = 2; return undefined }, { a: { x: 2 } }],
    ['removes what a function deletes', { a: 1, b: 2 }, (data) => { delete data.a; return undefined }, { b: 2 }],
    ['writes a Date as JSON does', {}, { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['keeps keys that are named like an object\'s own', {}, { constructor: 1, prototype: 2, toString: 3 }, { constructor: 1, prototype: 2, toString: 3 }],
  ])('%s', async (_, before, patch, after) => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update(before))
    await browser.visit(async ({ use }) => (await use()).update(patch))
    expect(await browser.data()).toEqual(after)
  })

  it('replaces nothing else: id, createdAt and the object of the data stay', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    app.pass(10)
    await browser.visit(async ({ use }) => {
      const session = await use()
      const { data } = session
      expect(await session.update({ a: 1 })).toBe(session)
      expect(session.data).toBe(data)
      expect(session).toMatchObject({ id: 'id-1', createdAt: app.env.time - 10_000 })
    })
  })

  it('sends one Set-Cookie after several writes, beside the app\'s own', async () => {
    const { shapes, lines } = await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await session.update({ a: 1 })
      await session.update({ b: 2 })
    }, { lines: ['theme=dark; Path=/', 'h3=of-another-path; Path=/admin'] })
    expect(shapes).toEqual(['theme=dark; Path=/', 'h3=of-another-path; Path=/admin', 'h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect((await openSeal(valueOf(lines.slice(2), 'h3'))).data).toEqual({ a: 1, b: 2 })
  })

  it('is durable when it resolves, whatever the handler does next', async () => {
    const browser = new TestApp().browser()
    await expect(browser.visit(async ({ use }) => {
      await (await use()).update({ a: 1 })
      throw new Error('the handler\'s own')
    })).rejects.toThrow('the handler\'s own')
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it.each([
    ['an array', [1]],
    ['a text', 'text'],
    ['a Map', new Map()],
    ['a promise', async () => ({ a: 1 })],
  ])('throws for %s in place of data', async (_, patch) => {
    await new TestApp().browser().visit(async ({ use }) => {
      await expect((await use()).update(patch as never)).rejects.toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE', statusCode: 500 })
    })
  })

  it('drops a function\'s changes if the function throws', async () => {
    await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await session.update({ list: [1] })
      await expect(session.update((data) => {
        data.list.push(2)
        throw new Error('no')
      })).rejects.toThrow('no')
      expect(session.data).toEqual({ list: [1] })
    })
  })

  it('never lets a key reach the prototype of the data', async () => {
    const browser = new TestApp().browser()
    const hostile = JSON.parse('{"__proto__":{"admin":true},"deep":{"__proto__":{"admin":true}}}') as object
    await browser.visit(async ({ use }) => (await use()).update(hostile))
    const data = await browser.data()
    expect(data).toEqual({ deep: {} })
    expect(data.admin).toBeUndefined()
    expect((data.deep as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('replace', () => {
  it('keeps exactly the given data', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1, b: 2 }))
    const { result } = await browser.visit(async ({ use }) => {
      const session = await use()
      return [await session.replace({ c: 3 }) === session, session.id, { ...session.data }]
    })
    expect(result).toEqual([true, 'id-1', { c: 3 }])
    expect(await browser.data()).toEqual({ c: 3 })
  })

  it('throws for a value that is not an object and keeps the data', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.update({ a: 1 })
      await expect(session.replace([] as never)).rejects.toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE' })
      expect(session.data).toEqual({ a: 1 })
    })
  })
})
