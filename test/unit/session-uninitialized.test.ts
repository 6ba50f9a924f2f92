import { describe, expect, it } from 'vitest'
import { TestApp } from './support/app'

describe('saveUninitialized: false', () => {
  const config = { saveUninitialized: false }

  it('sends nothing before the first write', async () => {
    const app = new TestApp(config)
    const browser = app.browser()
    const read = await browser.visit(async ({ use }) => [await use(), await use()])
    expect([read.transport.writes, app.env.takeCalls()]).toEqual([0, []])
    expect(read.result[0]).toMatchObject({ id: 'id-1', data: {}, isNew: true })
    const write = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(write.shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(app.env.takeCalls()).toEqual(['session:create', 'session:update'])
  })

  it('keeps an id that was shown when the write follows', async () => {
    const { result } = await new TestApp(config).browser().visit(async ({ use }) => {
      const session = await use()
      const { id } = session
      await session.update({ a: 1 })
      return [id, session.id]
    })
    expect(result).toEqual(['id-1', 'id-1'])
  })

  it('is overridden by a call that requires the cookie', async () => {
    const { transport } = await new TestApp(config).browser().visit(async ({ use }) => {
      await use()
      await use({ saveUninitialized: true })
    })
    expect(transport.setCookies()).toHaveLength(1)
  })
})

describe('a new session', () => {
  it('is sent once, not at each use', async () => {
    const { transport } = await new TestApp().browser().visit(async ({ use }) => {
      await use()
      await use()
    })
    expect(transport.writes).toBe(1)
  })

  it('is sealed once by an update without a use before, as by updateSession', async () => {
    const { transport } = await new TestApp().browser().visit(async ({ open }) => (await open()).update({ a: 1 }))
    expect(transport.writes).toBe(1)
  })

  it.each(['readonly', 'headers-sent', 'prerender'] as const)('is not sent if the response is %s, and nothing throws', async (writeRefusal) => {
    const { result, transport } = await new TestApp().browser().visit(({ use }) => use(), { writeRefusal })
    expect(result).toMatchObject({ id: 'id-1', data: {}, isNew: true })
    expect(transport.writes).toBe(0)
  })

  it.each<[isDevelopment: boolean, isSecure: boolean, attributes: string]>([
    [false, false, 'HttpOnly; Secure'],
    [false, true, 'HttpOnly; Secure'],
    [true, true, 'HttpOnly; Secure'],
    [true, false, 'HttpOnly'],
  ])('in development: %s, over HTTPS: %s has %s', async (isDevelopment, isSecure, attributes) => {
    const app = new TestApp()
    app.env.isDevelopment = isDevelopment
    const { shapes } = await app.browser().visit(({ use }) => use(), { isSecure })
    expect(shapes).toEqual([`h3=<seal>; Path=/; ${attributes}; SameSite=Lax`])
  })

  it.each(['__Host-h3', '__Secure-h3'])('named %s is Secure even in development', async (name) => {
    const app = new TestApp({ name })
    app.env.isDevelopment = true
    const { shapes } = await app.browser().visit(({ use }) => use())
    expect(shapes).toEqual([`${name}=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax`])
  })
})
