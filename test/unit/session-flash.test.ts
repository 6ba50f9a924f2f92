import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

async function withFlash(...values: [key: string, value: unknown][]) {
  const app = new TestApp()
  const browser = app.browser()
  const visit = await browser.visit(async ({ use }) => {
    const session = await use()
    for (const [key, value] of values) await session.flash(key, value)
    return session
  })
  return { app, browser, visit }
}

describe('flash', () => {
  it('is stored beside the data, not in it', async () => {
    const { visit } = await withFlash(['notice', 'saved'])
    expect(visit.result.data).toEqual({})
    expect(await openSeal(valueOf(visit.lines, 'h3'))).toMatchObject({ data: {}, flash: { notice: 'saved' } })
  })

  it('is read once, in the next request or in this one', async () => {
    const { browser } = await withFlash(['notice', 'saved'])
    const { result, lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      return [await session.flash('notice'), await session.flash('notice')]
    })
    expect(result).toEqual(['saved', undefined])
    expect(await openSeal(valueOf(lines, 'h3'))).not.toHaveProperty('flash')
    expect((await browser.visit(async ({ use }) => (await use()).flash('notice'))).result).toBeUndefined()
  })

  it('does not affect other keys, update and replace', async () => {
    const { browser } = await withFlash(['a', 1], ['b', { deep: true }])
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.update({ x: 1 })
      await session.replace({ y: 1 })
      expect(await session.flash('a')).toBe(1)
    })
    expect((await browser.visit(async ({ use }) => (await use()).flash('b'))).result).toEqual({ deep: true })
  })

  it.each([null, 0, '', false])('keeps the value %o', async (value) => {
    const { browser } = await withFlash(['key', value])
    expect((await browser.visit(async ({ use }) => (await use()).flash('key'))).result).toBe(value)
  })

  it('removes a key that is set to undefined', async () => {
    const { browser } = await withFlash(['key', 1], ['key', undefined])
    const { result, transport } = await browser.visit(async ({ use }) => (await use()).flash('key'))
    expect(result).toBeUndefined()
    expect(transport.writes).toBe(0)
  })

  it('writes nothing if there is nothing to read', async () => {
    const { browser } = await withFlash(['key', 1])
    const { result, transport } = await browser.visit(async ({ use }) => {
      const session = await use()
      return [await session.flash('other'), await session.flash('toString'), await session.flash('__proto__')]
    })
    expect(result).toEqual([undefined, undefined, undefined])
    expect(transport.writes).toBe(0)
  })

  it('is read but not removed by a prefetch', async () => {
    const { browser } = await withFlash(['key', 1])
    const prefetch = await browser.visit(async ({ use }) => (await use()).flash('key'), { headers: { 'sec-purpose': 'prefetch' } })
    expect([prefetch.result, prefetch.transport.writes]).toEqual([1, 0])
    expect((await browser.visit(async ({ use }) => (await use()).flash('key'))).result).toBe(1)
  })

  it('is given to one of two parallel readers', async () => {
    const { browser } = await withFlash(['key', 1])
    const { result } = await browser.visit(async ({ use }) => {
      const session = await use()
      return Promise.all([session.flash('key'), session.flash('key')])
    })
    expect(result).toEqual([1, undefined])
  })

  it('is removed by clear', async () => {
    const { browser } = await withFlash(['key', 1])
    const { result } = await browser.visit(async ({ use }) => {
      const session = await use()
      await session.clear()
      return session.flash('key')
    })
    expect(result).toBeUndefined()
  })

  it('throws for values that JSON would lose, with their path', async () => {
    await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      await expect(session.flash('when', { fn: () => 1 })).rejects.toThrow('flash.when.fn is a function')
      expect(await session.flash('when')).toBeUndefined()
    })
  })
})
