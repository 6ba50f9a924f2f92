import { describe, expect, it } from 'vitest'
import { confirmRenewals } from '../../src/runtime/core/session/state'
import { TestApp } from './support/app'
import type { Visit } from './support/app'

/** The warnings of a request to a development server. */
async function warningsOf(handler: (visit: Visit) => Promise<unknown>, isDevelopment = true): Promise<string[]> {
  const app = new TestApp()
  app.env.isDevelopment = isDevelopment
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).update({ cart: { items: [1] }, theme: 'dark' }))
  await browser.visit(async (visit) => {
    await handler(visit)
    await confirmRenewals(visit.transport.states)
  })
  return app.env.warnings
}

const warning = (path: string) => [expect.stringContaining(`The session "h3" was changed in place at ${path}, and not written.`)]

describe('data that is changed in place and not written', () => {
  it('is reported once in development, with its path', async () => {
    expect(await warningsOf(async ({ use }) => { (await use()).data.cart.items.push(2) })).toEqual(warning('data.cart.items'))
    expect(await warningsOf(async ({ use }) => { delete (await use()).data.theme })).toEqual(warning('data.theme'))
    expect(await warningsOf(async ({ use }) => { (await use()).data.at = new Date(0) })).toEqual(warning('data.at'))
  })

  it('is reported if JSON cannot write it, and does not fail the response', async () => {
    expect(await warningsOf(async ({ use }) => { (await use()).data.count = 1n })).toEqual(warning('data.count'))
    expect(await warningsOf(async ({ use }) => {
      const { data } = await use()
      data.self = data
    })).toEqual(warning('data.self'))
  })

  it('is reported after a write, if it was changed again', async () => {
    expect(await warningsOf(async ({ use }) => {
      const session = await use()
      await session.update({ theme: 'light' })
      session.data.theme = 'blue'
    })).toEqual(warning('data.theme'))
  })

  it('is not reported if the next write keeps it, if it was undone, if the session was cleared, or in production', async () => {
    expect(await warningsOf(async ({ use }) => {
      const session = await use()
      session.data.theme = 'light'
      await session.update()
    })).toEqual([])
    expect(await warningsOf(async ({ use }) => { Object.assign((await use()).data, { theme: 'dark' }) })).toEqual([])
    expect(await warningsOf(async ({ use }) => {
      const session = await use()
      session.data.theme = 'light'
      await session.clear()
    })).toEqual([])
    expect(await warningsOf(async ({ use }) => { (await use()).data.theme = 'light' }, false)).toEqual([])
  })
})
