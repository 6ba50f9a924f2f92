import { describe, expect, it } from 'vitest'
import { TestApp } from './support/app'

const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax'
const REMOVED = 'Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'
const text = (length: number) => ({ text: 'x'.repeat(length) })

/** A line without its value, unless the value is the number of chunks. */
const outline = (line: string) => line.replace(/=[^;]{50,}/, '=…')

describe('a session that is larger than a cookie', () => {
  it('is sent and read in chunks', async () => {
    const browser = new TestApp().browser()
    const { lines } = await browser.visit(async ({ use }) => (await use()).update(text(4000)))
    expect(lines.map(outline)).toEqual([`h3=__chunked__2; ${ATTRIBUTES}`, `h3.1=…; ${ATTRIBUTES}`, `h3.2=…; ${ATTRIBUTES}`])
    expect(lines[1]).toHaveLength('h3.1='.length + 4000 + `; ${ATTRIBUTES}`.length)
    expect(await browser.data()).toEqual(text(4000))
  })

  it('clears the stale chunks when it shrinks', async () => {
    const browser = new TestApp({ cookie: { chunkMaxLength: 500 } }).browser()
    await browser.visit(async ({ use }) => (await use()).update(text(1000)))
    expect(browser.jar.names).toEqual(['h3', 'h3.1', 'h3.2', 'h3.3', 'h3.4'])
    const less = await browser.visit(async ({ use }) => (await use()).update(text(700)))
    expect(less.lines.map(outline)).toEqual([
      `h3=__chunked__3; ${ATTRIBUTES}`, `h3.1=…; ${ATTRIBUTES}`, `h3.2=…; ${ATTRIBUTES}`, `h3.3=…; ${ATTRIBUTES}`, `h3.4=; ${REMOVED}`,
    ])
    const whole = await browser.visit(async ({ use }) => (await use()).update({ text: '' }))
    expect(whole.lines.map(outline)).toEqual([`h3=…; ${ATTRIBUTES}`, ...[1, 2, 3].map(index => `h3.${index}=; ${REMOVED}`)])
    expect(browser.jar.names).toEqual(['h3'])
    expect(await browser.data()).toEqual({ text: '' })
  })

  it('grows and shrinks within one request to one line a cookie', async () => {
    const browser = new TestApp({ cookie: { chunkMaxLength: 500 } }).browser()
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      await session.update(text(1000))
      await session.update(text(0))
    })
    expect(lines.map(outline)).toEqual([`h3=…; ${ATTRIBUTES}`])
    expect(await browser.data()).toEqual(text(0))
  })

  it('is rejected if a chunk is missing', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update(text(4000)))
    const cookie = `h3=__chunked__2; h3.1=${browser.jar.get('h3.1')}`
    expect((await browser.visit(({ use }) => use(), { cookie })).result.isNew).toBe(true)
    expect(app.env.reasons).toEqual(['malformed'])
  })
})

describe('cookie.maxBytes', () => {
  it('throws for cookies that would lock the visitor out, with the fix', async () => {
    await new TestApp().browser().visit(async ({ use }) => {
      const update = (await use()).update(text(6000))
      await expect(update).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE', statusCode: 500 })
      await expect(update).rejects.toThrow(/would take \d+ bytes, cookie\.maxBytes allows 7168 bytes\. A seal is a third larger than its data\. Keep less in it/)
    })
  })

  it('is exact', async () => {
    const app = new TestApp()
    const { transport } = await app.browser().visit(({ use }) => use())
    const bytes = `${transport.setCookies()[0]!.split(';')[0]}; `.length
    for (const [maxBytes, outcome] of [[bytes, 'fulfilled'], [bytes - 1, 'rejected']] as const) {
      const [result] = await Promise.allSettled([new TestApp({ cookie: { maxBytes } }).browser().visit(({ use }) => use())])
      expect(result.status).toBe(outcome)
    }
  })

  it('never keeps a visitor from clearing', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update(text(3000)))
    app.config.cookie = { maxBytes: 100 }
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(browser.jar.names).toEqual([])
  })

  it('that was lowered does not keep a session from being read', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update(text(3000)))
    app.config.cookie = { maxBytes: 100 }
    expect(await browser.data()).toEqual(text(3000))
  })

  it('throws for a token that is too long to be read', async () => {
    await new TestApp({ cookie: { maxBytes: 100_000 } }).browser().visit(async ({ use }) => {
      await expect((await use()).update(text(20_000))).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' })
    })
  })

  it.each<[isDevelopment: boolean, warnings: number]>([[true, 1], [false, 0]])('warns from 4096 bytes in development: %s', async (isDevelopment, warnings) => {
    const app = new TestApp()
    app.env.isDevelopment = isDevelopment
    const { transport } = await app.browser().visit(async ({ use }) => {
      const session = await use()
      await session.update(text(2000))
      expect(app.env.warnings).toEqual([])
      await session.update(text(4000))
      await session.update(text(4001))
    })
    expect(transport.setCookies().length).toBeGreaterThan(1)
    expect(app.env.warnings).toHaveLength(warnings)
  })
})
