import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, REMOVAL_ATTRIBUTES } from './support/browser'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

describe('the manager over several requests', () => {
  it('is new at first and known afterwards', async () => {
    const browser = new Browser(server)
    const { body: first } = await browser.ops([])
    expect(first).toMatchObject({ isNew: true, data: {} })
    expect(first.expiresAt).toBeUndefined()
    expect(first.handle).toBe(createHash('sha256').update(first.id!).digest('hex'))
    const { body: second, setCookies } = await browser.ops([])
    expect(second).toEqual({ ...first, isNew: false })
    expect(setCookies).toEqual([])
  })

  it('update merges, and a function gets the current data', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ a: 1, b: { c: 1 } }] }])
    await browser.ops([{ op: 'update', args: [{ b: { d: 2 } }] }])
    expect((await browser.ops([{ op: 'increment' }, { op: 'increment' }])).body).toMatchObject({
      results: [1, 2], data: { a: 1, b: { d: 2 }, count: 2 },
    })
  })

  it('replace keeps nothing', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ a: 1 }] }])
    const { body: { id } } = await browser.ops([{ op: 'replace', args: [{ b: 2 }] }])
    expect((await browser.ops([])).body).toMatchObject({ id, data: { b: 2 } })
  })

  it('a change in place is not a write, and is saved by the next update', async () => {
    const browser = new Browser(server)
    await browser.ops([])
    expect((await browser.ops([{ op: 'assign', args: [{ a: 1 }] }])).setCookies).toEqual([])
    expect((await browser.ops([])).body.data).toEqual({})
    await browser.ops([{ op: 'assign', args: [{ a: 1 }] }, { op: 'update', args: [{ b: 2 }] }])
    expect((await browser.ops([])).body.data).toEqual({ a: 1, b: 2 })
  })

  it('clear removes data and cookie', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ a: 1 }] }])
    const { body, setCookies } = await browser.ops([{ op: 'clear' }])
    expect(body).toMatchObject({ data: {} })
    for (const key of ['id', 'handle', 'createdAt', 'expiresAt', 'userId'] as const) expect(body[key], key).toBeUndefined()
    expect(setCookies).toEqual([{ name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }])
  })

  it('an update after clear starts a new session with nothing of the old one', async () => {
    const browser = new Browser(server)
    const { body: old } = await browser.ops([
      { op: 'update', args: [{ a: 1 }] }, { op: 'flash', args: ['note', 'old'] }, { op: 'regenerate', args: [{ userId: 'u1' }] },
    ])
    const { body, setCookies } = await browser.ops([{ op: 'clear' }, { op: 'update', args: [{ b: 2 }] }])
    expect(body.id).toBeDefined()
    expect(body.id).not.toBe(old.id)
    expect(body).toMatchObject({ data: { b: 2 }, isNew: true })
    expect(setCookies).toEqual([{ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }])
    const { body: later } = await browser.ops([{ op: 'flash', args: ['note'] }])
    expect(later).toMatchObject({ id: body.id, data: { b: 2 }, results: [null] })
    expect(later.userId).toBeUndefined()
  })

  it('flash is read once, beside the data', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'flash', args: ['note', { text: 'hi' }] }])
    expect((await browser.ops([])).body.data).toEqual({})
    expect((await browser.ops([{ op: 'flash', args: ['note'] }])).body.results).toEqual([{ text: 'hi' }])
    expect((await browser.ops([{ op: 'flash', args: ['note'] }])).body.results).toEqual([null])
  })

  it.each(['sec-purpose', 'purpose'])('a prefetch (%s) only peeks at a flash', async (header) => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'flash', args: ['note', 1] }])
    const peek = await browser.ops([{ op: 'flash', args: ['note'] }], { headers: { [header]: 'prefetch' } })
    expect(peek.body.results).toEqual([1])
    expect(peek.setCookies).toEqual([])
    expect((await browser.ops([{ op: 'flash', args: ['note'] }])).body.results).toEqual([1])
  })

  it('a named session with its own options exists beside the main one', async () => {
    const browser = new Browser(server)
    const { body, setCookies } = await browser.request('/api/named')
    expect(body).toEqual({ main: { who: 'main' }, cart: { items: [1] }, cartLifetime: 600_000, mainEnds: null })
    expect(setCookies.map(({ name, attributes }) => [name, 'Expires' in attributes])).toEqual([['h3', false], ['cart', true]])
    expect(await openSeal(setCookies[1]!.value, 'test-only-password-of-the-cart-session-0000')).toMatchObject({ name: 'cart', data: { items: [1] } })
    expect((await browser.ops([], { config: { name: 'cart' } })).body.data).toEqual({ items: [1] })
  })

  it.each(['function', 'symbol', 'map', 'set', 'bigint', 'nan', 'infinity', 'cycle', 'regexp', 'error'])('%s throws with its path, and nothing changes', async (kind) => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ kept: 1 }] }])
    const { body, setCookies } = await browser.ops([{ op: 'unserializable', args: [kind] }])
    expect(body.error).toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE', statusCode: 500, message: expect.stringContaining(`data.${kind}`) })
    expect(setCookies).toEqual([])
    expect((await browser.ops([{ op: 'attempt', args: ['unserializable', kind] }])).body).toMatchObject({
      results: ['SESSION_NOT_SERIALIZABLE'], data: { kept: 1 },
    })
  })

  it('a Date is stored as JSON writes it', async () => {
    const browser = new Browser(server)
    await browser.ops([{ op: 'unserializable', args: ['date'] }])
    expect((await browser.ops([])).body.data).toEqual({ date: '1970-01-01T00:00:00.000Z' })
  })
})

describe('h3\'s functions by name', () => {
  it('share one session, unseal their seals and reject with a reason', async () => {
    const { body, setCookies } = await new Browser(server).request('/api/functions')
    expect(body.updated).toEqual({ step: 1 })
    expect(body.opened).toMatchObject({ id: body.before, data: { step: 1 }, createdAt: expect.any(Number) })
    expect(body.refused).toBe('malformed')
    expect(body.regenerated).toMatchObject({ userId: 'u1', data: { step: 1 } })
    expect(body.regenerated.id).not.toBe(body.before)
    expect(setCookies).toEqual([{ name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }])
  })

  it('a session that came by header is sent in cookie and header', async () => {
    const token = await sealPayload(payload({ data: { count: 5 } }), NUXT_SESSION_PASSWORD)
    const answer = await new Browser(server).request('/api/count', { headers: { 'x-h3-session': token } })
    expect(answer.body.count).toBe(6)
    expect(answer.setCookies).toHaveLength(1)
    expect(answer.headers.get('x-h3-session')).toBe(decodeURIComponent(answer.setCookies[0]!.value))
  })

  it('a socket without a cookie gets the same empty session twice and cannot write', async () => {
    const { body } = await new Browser(server).request('/api/socket')
    expect(body).toEqual({ data: [{}, {}], same: true, isNew: true, code: 'SESSION_READONLY' })
  })

  it('a socket with a cookie reads the session and cannot write', async () => {
    const token = await sealPayload(payload({ data: { a: 1 } }), NUXT_SESSION_PASSWORD)
    const { body } = await new Browser(server).request('/api/socket', { headers: { cookie: `h3=${token}` } })
    expect(body).toEqual({ data: [{ a: 1 }, { a: 1 }], same: true, isNew: false, code: 'SESSION_READONLY' })
  })
})

it('nothing of all this is logged as an error', () => expect(server.stderr).toBe(''))
