import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TestApp } from './support/app'

/** Each test has its own copy of the code, as a server that has just started. */
let createApp: (...args: ConstructorParameters<typeof TestApp>) => TestApp

beforeEach(async () => {
  vi.resetModules()
  const { TestApp } = await import('./support/app')
  createApp = (...args) => new TestApp(...args)
})

describe.each([{}, { storage: 'kept' }])('the first login since the server started, with %j', (config) => {
  it('is written before a later update of the same request', async () => {
    const browser = createApp(config).browser()
    await browser.visit(async ({ use }) => (await use()).update({ before: 1 }))
    const { result } = await browser.visit(async ({ use }) => {
      const session = await use()
      await Promise.all([session.regenerate({ userId: 'ada', keepData: false }), session.update({ after: 1 })])
      return session
    })
    expect(result).toMatchObject({ id: 'id-2', userId: 'ada' })
    expect(await browser.data()).toEqual({ after: 1 })
  })

  it('is written with the write of a hook that makes it', async () => {
    const app = createApp(config)
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.env.on('session:load', session => session.regenerate({ userId: 'ada' }))
    const { result, transport } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ userId: 'ada', data: { a: 1 } })
    expect(result.id).not.toBe('id-1')
    expect(transport.writes).toBe(1)
  })

  it.each<[what: string, options: unknown]>([['of another type', null], ['with an unknown key', { userID: 'ada' }]])('changes nothing if it has options %s', async (_, options) => {
    const browser = createApp(config).browser()
    await browser.visit(async ({ use }) => {
      const session = await use()
      const writes = [session.regenerate(options as never), session.update({ a: 1 })]
      await expect(writes[0]).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
      await expect(writes[1]).resolves.toMatchObject({ id: 'id-1', userId: undefined })
    })
    expect(await browser.data()).toEqual({ a: 1 })
  })
})

it('the first login of a socket is refused, with wrong options too', async () => {
  await createApp().browser().visit(async ({ use, transport }) => {
    const session = await use()
    transport.refusal = 'readonly'
    await expect(session.regenerate({ userID: 'ada' } as never)).rejects.toMatchObject({ code: 'SESSION_READONLY' })
  })
})
