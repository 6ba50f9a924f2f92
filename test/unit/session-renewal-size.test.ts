import { describe, expect, it } from 'vitest'
import { TestApp } from './support/app'

describe('a renewal of a session that is too large by now', () => {
  it('does not fail the read, and is reported once', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ text: 'x'.repeat(3000) }))
    app.config.cookie = { maxBytes: 1000 }
    app.pass(60)
    const { result, lines } = await browser.visit(({ use }) => use())
    expect([result.isNew, lines]).toEqual([false, []])
  })
})

describe('an idle timeout that is switched off', () => {
  it('removes the last use from the seal, so that the session does not end when it is on again', async () => {
    const app = new TestApp({ idleTimeout: 100 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.config.idleTimeout = ''
    app.pass(50)
    const { result } = await browser.visit(async ({ use, transport }) => {
      await (await use()).update({ b: 2 })
      return transport.sessions.h3?.lastSeenAt
    })
    expect(result).toBeUndefined()
  })
})

it('a session cannot have the name of another\'s chunk', async () => {
  const app = new TestApp({ named: { 'h3.1': {} } })
  await expect(app.browser().visit(({ use }) => use({ name: 'h3.1' }))).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
})
