import { describe, expect, it } from 'vitest'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

async function setUp(config = {}) {
  const app = new TestApp(config)
  const token = await app.seal({ id: 'by-header', data: { from: 'header' } })
  const cookie = `h3=${await app.seal({ id: 'by-cookie', data: { from: 'cookie' } })}`
  return { app, token, cookie }
}

describe('the session header', () => {
  it('wins over the cookie', async () => {
    const { app, token, cookie } = await setUp()
    const { result, transport } = await app.browser().visit(({ use }) => use(), { cookie, headers: { 'x-h3-session': token } })
    expect([result.id, transport.writes, transport.responseHeaders]).toEqual(['by-header', 0, {}])
    expect(app.env.calls[0]?.info).toMatchObject({ transport: 'header' })
  })

  it('wins even if it is rejected: a new session, not the cookie\'s', async () => {
    const { app, cookie } = await setUp()
    const { result } = await app.browser().visit(({ use }) => use(), { cookie, headers: { 'x-h3-session': 'nonsense' } })
    expect(result).toMatchObject({ id: 'id-1', data: {} })
    expect(app.env.reasons).toEqual(['malformed'])
  })

  it('is ignored when empty', async () => {
    const { app, cookie } = await setUp()
    const { result } = await app.browser().visit(({ use }) => use(), { cookie, headers: { 'x-h3-session': '' } })
    expect(result.id).toBe('by-cookie')
  })

  it.each<[config: object, header: string, id: string]>([
    [{ sessionHeader: false }, 'x-h3-session', 'by-cookie'],
    [{ sessionHeader: 'X-Mine' }, 'x-mine', 'by-header'],
    [{ sessionHeader: 'X-Mine' }, 'x-h3-session', 'by-cookie'],
  ])('with %j and the header %s: %s', async (config, header, id) => {
    const { app, token, cookie } = await setUp(config)
    const { result } = await app.browser().visit(({ use }) => use(), { cookie, headers: { [header]: token } })
    expect(result.id).toBe(id)
  })

  it('has the name of the session in lower case', async () => {
    const app = new TestApp({ name: 'MyApp' })
    const { result } = await app.browser().visit(({ use }) => use(), { headers: { 'x-myapp-session': await app.seal() } })
    expect(result.id).toBe('sealed')
  })

  it('sends a write in a header of the same name and in the cookie', async () => {
    const { app, token } = await setUp()
    const { transport, lines, shapes } = await app.browser().visit(
      async ({ use }) => (await use()).update({ b: 2 }), { headers: { 'x-h3-session': token } })
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(transport.responseHeaders['x-h3-session']).toBe(valueOf(lines, 'h3'))
    expect(await openSeal(transport.responseHeaders['x-h3-session'])).toMatchObject({ id: 'by-header', data: { b: 2 } })
  })

  it('sends only the header if cookies are off', async () => {
    const { app, token } = await setUp({ cookie: false })
    const { transport } = await app.browser().visit(async ({ use }) => (await use()).update({ b: 2 }), { headers: { 'x-h3-session': token } })
    expect(transport.setCookies()).toEqual([])
    expect(await openSeal(transport.responseHeaders['x-h3-session'])).toMatchObject({ data: { b: 2 } })
  })

  it('sends an empty header after clear', async () => {
    const { app, token } = await setUp()
    const { transport } = await app.browser().visit(async ({ use }) => (await use()).clear(), { headers: { 'x-h3-session': token } })
    expect(transport.responseHeaders).toEqual({ 'x-h3-session': '' })
  })

  it('does not renew the idle time', async () => {
    const { app, token } = await setUp({ idleTimeout: 100 })
    app.pass(90)
    const { transport, result } = await app.browser().visit(({ use }) => use(), { headers: { 'x-h3-session': token } })
    expect([result.id, transport.writes]).toEqual(['by-header', 0])
  })

  it('is not sent if the session came by cookie', async () => {
    const { app, cookie } = await setUp()
    const { transport } = await app.browser().visit(async ({ use }) => (await use()).update({ b: 2 }), { cookie })
    expect(transport.responseHeaders).toEqual({})
  })
})
