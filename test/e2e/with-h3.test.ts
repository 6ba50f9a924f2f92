import { createApp, eventHandler, toNodeListener, updateSession, useSession } from 'h3'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES } from './support/browser'
import { openSeal } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()

describe('h3\'s own functions in the same request', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  it.each([
    ['ours', { by: 'ours' }, { by: 'ours', then: 'h3' }],
    ['h3', { by: 'h3' }, { by: 'h3', then: 'ours' }],
  ])('see and keep one session, %s first', async (order, seen, data) => {
    const browser = new Browser(server)
    for (const visit of ['new visitor', 'known visitor']) {
      const { body, setCookies } = await browser.request(`/api/with-h3?order=${order}`)
      expect(new Set(body.ids).size, visit).toBe(1)
      expect(body.data, visit).toEqual(data)
      expect(body.seen, visit).toMatchObject(visit === 'new visitor' ? seen : { by: order })
      expect(setCookies, visit).toHaveLength(1)
      expect(setCookies[0]!.attributes, visit).toMatchObject({ Path: '/', HttpOnly: true, Secure: true })
      expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ id: body.ids[0], data })
    }
    expect((await browser.ops([])).body).toMatchObject({ isNew: false, data })
  })

  it.each(['new', 'known'])('called at the same time by a %s visitor see one session', async (visitor) => {
    const browser = new Browser(server)
    if (visitor === 'known') await browser.ops([{ op: 'update', args: [{ a: 1 }] }])
    const { body, setCookies } = await browser.request('/api/with-h3?order=parallel')
    expect(new Set(body.ids).size).toBe(1)
    expect(body.data).toEqual(visitor === 'known' ? { a: 1 } : {})
    expect(setCookies.length).toBe(visitor === 'known' ? 0 : 1)
    expect((await browser.ops([])).body).toMatchObject({ id: body.ids[0], isNew: false })
  })

  it('a user bound by ours stays bound when h3 writes', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'regenerate', args: [{ userId: 'u1', maxAge: 5000 }] }, { op: 'flash', args: ['note', 1] }])
    await browser.request('/api/with-h3?order=h3')
    expect((await browser.ops([{ op: 'flash', args: ['note'] }])).body).toMatchObject({ userId: 'u1', results: [1], expiresAt: expect.any(Number) })
  })

  it('h3\'s clear empties our session too', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ a: 1 }] }])
    const { body, setCookies } = await browser.request('/api/with-h3?order=clear')
    expect(body).toEqual({ data: {} })
    expect(setCookies).toMatchObject([{ name: 'h3', value: '' }])
  })

  it('a write of ours after h3\'s clear restores nothing of the old session', async () => {
    const browser = new Browser(server)
    const { body: old } = await browser.ops([{ op: 'update', args: [{ a: 1 }] }, { op: 'regenerate', args: [{ userId: 'u1' }] }])
    const { body, setCookies } = await browser.request('/api/with-h3?order=clearFirst')
    expect(body.data).toEqual({ note: 'bye' })
    expect(body.id).not.toBe(old.id)
    expect(setCookies).toHaveLength(1)
    const { body: later } = await browser.ops([])
    expect(later).toMatchObject({ id: body.id, data: { note: 'bye' } })
    expect(later.userId).toBeUndefined()
  })
})

describe('a server with only h3', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })
  const config = { password: NUXT_SESSION_PASSWORD }
  const h3 = createServer(toNodeListener(createApp()
    .use('/count', eventHandler(async (event) => {
      const { id, data } = await useSession(event, config)
      await updateSession(event, config, { count: Number(data.count ?? 0) + 1 })
      return { id, count: data.count }
    }))))
  const h3Server = { url: '' }

  beforeAll(async () => {
    h3.listen(0, '127.0.0.1')
    await once(h3, 'listening')
    h3Server.url = `http://127.0.0.1:${(h3.address() as AddressInfo).port}`
  })
  afterAll(() => { h3.close() })

  it('reads our cookies, and we read its', async () => {
    const browser = new Browser(server)
    const { body: { id } } = await browser.request('/api/count')
    browser.server = h3Server
    expect((await browser.request('/count')).body).toEqual({ id, count: 2 })
    browser.server = server
    expect((await browser.request('/api/count')).body).toEqual({ id, count: 3 })
  })

  it('continues a session that h3 created, with one cookie with our attributes', async () => {
    const browser = new Browser(h3Server)
    const { body: { id } } = await browser.request('/count')
    browser.server = server
    const answer = await browser.request('/api/count')
    expect(answer.body).toEqual({ id, count: 2 })
    expect(answer.setCookies).toEqual([{ name: 'h3', value: expect.any(String), attributes: DEFAULT_ATTRIBUTES }])
  })
})
