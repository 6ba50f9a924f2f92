import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, REMOVAL_ATTRIBUTES, visit } from './support/browser'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer } from './support/server'

const PASSWORD = '80d42cfb-1cd2-462c-8f17-e3237d9027e9'
const WEEK = 60 * 60 * 24 * 7

describe('h3\'s documented examples, with no environment password at all', () => {
  const server = suiteServer('main')
  server.secrets.add(PASSWORD)

  it('counts visits and sends one cookie h3 each time', async () => {
    const browser = new Browser(server)
    for (const count of [1, 2, 3]) {
      const { text, status, setCookies } = await browser.request('/seed/count')
      expect(status).toBe(200)
      expect(text).toBe(`Hello world! 您已经访问此页面 ${count} 次。`)
      expect(setCookies).toEqual([{ name: 'h3', value: expect.stringMatching(/^Fe26\.2\*/), attributes: DEFAULT_ATTRIBUTES }])
    }
  })

  it('seals what iron-webcrypto opens: id, createdAt and data', async () => {
    const { setCookies } = await visit(server, '/seed/count')
    const { id, createdAt, data } = await openSeal(setCookies[0]!.value, PASSWORD)
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(Math.abs(Date.now() - createdAt)).toBeLessThan(10_000)
    expect(data).toEqual({ count: 1 })
  })

  it('answers {} if there is no data, and the data if there is', async () => {
    const browser = new Browser(server)
    expect((await browser.request('/seed/data')).body).toEqual({})
    await browser.request('/seed/count')
    const answer = await browser.request('/seed/data')
    expect(answer.body).toEqual({ count: 1 })
    expect(answer.setCookies, 'a read writes nothing').toEqual([])
  })

  it('takes the header x-h3-session before the cookie', async () => {
    const browser = new Browser(server)
    await browser.request('/seed/count')
    const token = await sealPayload(payload({ data: { count: 41 } }), PASSWORD)
    const answer = await browser.request('/seed/data', { headers: { 'x-h3-session': token } })
    expect(answer.body).toEqual({ count: 41 })
  })

  it('clears with an empty, expired cookie h3', async () => {
    const browser = new Browser(server)
    await browser.request('/seed/count')
    const answer = await browser.request('/seed/clear')
    expect(answer.text).toBe('会话已清除')
    expect(answer.setCookies).toEqual([{ name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }])
    expect(browser.jar.size).toBe(0)
    expect((await browser.request('/seed/count')).text).toContain(' 1 ')
  })

  it('sends the cookie of the options example', async () => {
    const before = Date.now()
    const { body, setCookies } = await visit(server, '/seed/options')
    expect(body).toEqual({})
    expect(setCookies).toEqual([{
      name: 'my-session',
      value: expect.stringMatching(/^Fe26\.2\*/),
      attributes: { ...DEFAULT_ATTRIBUTES, SameSite: 'Strict', Expires: expect.any(String) },
    }])
    const { createdAt } = await openSeal(setCookies[0]!.value, PASSWORD)
    expect(createdAt).toBeGreaterThanOrEqual(before)
    const expires = Date.parse(String(setCookies[0]!.attributes.Expires))
    expect(expires).toBe(Math.floor((createdAt + WEEK * 1000) / 1000) * 1000)
  })

  it('keeps the sessions of the two examples apart', async () => {
    const browser = new Browser(server)
    await browser.request('/seed/count')
    expect((await browser.request('/seed/options')).body).toEqual({})
    expect([...browser.jar.keys()]).toEqual(['h3', 'my-session'])
  })
})
