import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES } from './support/browser'
import { openSeal } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { startUpstream } from './support/upstream'

const NUXT_SESSION_PASSWORD = testPassword()
const SESSION_COOKIE = { name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }
const OTHER_COOKIE = { name: 'other', value: '1', attributes: {} }

describe('a write survives what the response does', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  it.each([
    ['redirect', 302, undefined, []],
    ['throw', 418, undefined, []],
    ['crash', 500, undefined, []],
    ['stream', 200, 'ab', []],
    ['web', 200, 'web', [OTHER_COOKIE]],
    ['sendWeb', 200, 'web', [OTHER_COOKIE]],
    ['node', 200, 'node', []],
    ['noContent', 204, '', []],
  ])('%s', async (kind, status, text, others) => {
    const browser = new Browser(server)
    const answer = await browser.request(`/api/responses?kind=${kind}`)
    expect(answer.status).toBe(status)
    if (text !== undefined) expect(answer.text).toBe(text)
    expect(answer.setCookies).toHaveLength(1 + others.length)
    expect(answer.setCookies).toEqual(expect.arrayContaining([SESSION_COOKIE, ...others]))
    expect((await browser.ops([])).body).toMatchObject({ isNew: false, data: { kind } })
  })

  it('a proxied response that sets cookies', async () => {
    await using upstream = await startUpstream(['other=1', 'another=2; Path=/'])
    const browser = new Browser(server)
    const answer = await browser.request(`/api/responses?kind=proxy&target=${encodeURIComponent(upstream.url)}`)
    expect([answer.status, answer.text]).toEqual([200, 'upstream'])
    expect(answer.setCookies).toHaveLength(3)
    expect(answer.setCookies).toEqual(expect.arrayContaining([SESSION_COOKIE, OTHER_COOKIE]))
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await browser.ops([])).body).toMatchObject({ isNew: false, data: { kind: 'proxy' } })
  })

  it.each([
    ['replaceLines', [OTHER_COOKIE]],
    ['removeLines', []],
    ['otherPath', [{ name: 'h3', value: 'of-the-app', attributes: { Path: '/app' } }]],
  ])('%s: a Set-Cookie header that the app replaces', async (kind, others) => {
    const browser = new Browser(server)
    const answer = await browser.request(`/api/responses?kind=${kind}`)
    expect(answer.text).toBe('replaced')
    expect(answer.setCookies).toHaveLength(1 + others.length)
    expect(answer.setCookies).toEqual(expect.arrayContaining([SESSION_COOKIE, ...others]))
  })

  it('a cookie that the app sets later in the place of the session\'s own wins', async () => {
    const { setCookies } = await new Browser(server).request('/api/responses?kind=ownLine')
    expect(setCookies).toEqual([{ name: 'h3', value: 'of-the-app', attributes: { Path: '/' } }])
  })

  it('HEAD', async () => {
    const browser = new Browser(server)
    const { status, text, setCookies } = await browser.request('/api/count', { method: 'HEAD' })
    expect({ status, text, setCookies }).toEqual({ status: 200, text: '', setCookies: [SESSION_COOKIE] })
    expect((await browser.request('/api/count')).body.count).toBe(2)
  })

  it('304', async () => {
    const browser = new Browser(server)
    const { status, setCookies } = await browser.request('/api/responses?kind=notModified', { headers: { 'if-none-match': '"e"' } })
    expect({ status, setCookies }).toEqual({ status: 304, setCookies: [SESSION_COOKIE] })
    expect((await browser.ops([])).body.data).toEqual({ kind: 'notModified' })
  })

  it('a write after the headers went out throws SESSION_HEADERS_SENT and changes nothing', async () => {
    const browser = new Browser(server)
    const answer = await browser.request('/api/responses?kind=late')
    expect(answer.text).toBe('early SESSION_HEADERS_SENT {}')
    expect((await browser.ops([])).body.data).toEqual({})
  })

  it('a write while the response is streamed throws SESSION_HEADERS_SENT and changes nothing', async () => {
    const browser = new Browser(server)
    const answer = await browser.request('/api/responses?kind=lateStream')
    expect(answer.text).toBe('early SESSION_HEADERS_SENT {}')
    expect((await browser.ops([])).body.data).toEqual({})
  })

  it('parallel first calls share one session and send one cookie', async () => {
    const browser = new Browser(server)
    const { body, setCookies } = await browser.request('/api/parallel')
    expect(new Set(body.ids).size).toBe(1)
    expect(body.data).toEqual({ key0: 0, key1: 1, key2: 2 })
    expect(setCookies).toEqual([SESSION_COOKIE])
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ id: body.ids[0], data: body.data })
  })

  it('parallel calls on a session that exists send one cookie with every change', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ before: true }] }])
    const { setCookies } = await browser.request('/api/parallel')
    expect(setCookies).toHaveLength(1)
    expect((await browser.ops([])).body.data).toEqual({ before: true, key0: 0, key1: 1, key2: 2 })
  })

  it('several updates send one cookie, the last state', async () => {
    const browser = new Browser(server)
    const { setCookies } = await browser.ops([{ op: 'increment' }, { op: 'increment' }, { op: 'regenerate' }, { op: 'increment' }])
    expect(setCookies).toEqual([SESSION_COOKIE])
    expect((await browser.ops([])).body.data).toEqual({ count: 3 })
  })

  it('a response that only reads the session is private, one that sets a cookie is not stored', async () => {
    const browser = new Browser(server)
    expect((await browser.request('/api/visit')).headers.get('cache-control')).toBe('no-store')
    expect((await browser.request('/api/responses?kind=publicStream')).headers.get('cache-control'), 'said later by the app').toBe('no-store')
    const { headers } = await browser.request('/api/visit')
    expect(headers.get('cache-control')).toBe('private, no-cache')
    expect(headers.get('vary')?.toLowerCase().split(', ')).toEqual(expect.arrayContaining(['cookie', 'x-h3-session']))
  })
})
