import { clearSession, getSession, sealSession, unsealSession, updateSession, useSession } from 'h3'
import type { H3Event } from 'h3'
import { beforeEach, describe, expect, it } from 'vitest'
import { PASSWORD, TestApp } from './support/app'
import { SharedBrowser, h3Event, setCookiesOf, useOurs } from './support/h3'
import { valueOf } from './support/jar'

const H3_CONFIG = { password: PASSWORD }
let app: TestApp
let browser: SharedBrowser

beforeEach(() => {
  app = new TestApp()
  app.env.time = Date.now()
  browser = new SharedBrowser()
})

describe('h3 1.15', () => {
  it('reads our session, and keeps what else we sealed when it writes', async () => {
    const { result } = await browser.visit(async event => (await useOurs(app, event)).regenerate({ userId: 'ada', data: { a: 1 } }))
    const theirs = await browser.visit(event => updateSession(event, H3_CONFIG, { b: 2 }))
    expect(theirs.result).toMatchObject({ id: result.id, createdAt: result.createdAt, data: { a: 1, b: 2 } })
    const ours = await browser.visit(event => useOurs(app, event))
    expect(ours.result).toMatchObject({ id: result.id, userId: 'ada', authenticatedAt: app.env.time, data: { a: 1, b: 2 } })
  })

  it('is read by us, with its id', async () => {
    const { result } = await browser.visit(event => updateSession(event, H3_CONFIG, { a: 1 }))
    const ours = await browser.visit(event => useOurs(app, event))
    expect(ours.result).toMatchObject({ id: result.id, createdAt: result.createdAt, data: { a: 1 }, isNew: false })
    expect(ours.lines).toEqual([])
  })

  it.each([{ maxAge: 60 }, { name: 'MyApp' }, { sessionHeader: 'X-Mine' as const }])('agrees with us with %j', async (options) => {
    const config = { ...H3_CONFIG, ...options }
    await browser.visit(async event => (await useOurs(app, event, options)).update({ a: 1 }))
    expect((await browser.visit(event => updateSession(event, config, { b: 2 }))).result.data).toEqual({ a: 1, b: 2 })
    expect((await browser.visit(event => useOurs(app, event, options))).result.data).toEqual({ a: 1, b: 2 })
  })

  it('reads our seal from the header, and we read its', async () => {
    const { lines } = await browser.visit(async event => (await useOurs(app, event)).update({ a: 1 }))
    const theirs = await getSession(h3Event({ 'x-h3-session': valueOf(lines, 'h3')! }), H3_CONFIG)
    expect(theirs.data).toEqual({ a: 1 })
    const token = await browser.visit(event => sealSession(event, H3_CONFIG))
    expect((await useOurs(app, h3Event({ 'x-h3-session': token.result }))).data).toEqual({ a: 1 })
  })

  it('unseals what we seal by unsealSession', async () => {
    const token = await app.seal({ data: { a: 1 } })
    expect(await unsealSession(h3Event(), H3_CONFIG, token)).toMatchObject({ id: 'sealed', data: { a: 1 } })
  })

  it('ends our session, and we end its', async () => {
    await browser.visit(async event => (await useOurs(app, event)).update({ a: 1 }))
    await browser.visit(event => clearSession(event, H3_CONFIG))
    expect((await browser.visit(event => useOurs(app, event))).result).toMatchObject({ data: {}, isNew: true })
    await browser.visit(event => updateSession(event, H3_CONFIG, { a: 1 }))
    await browser.visit(async event => (await useOurs(app, event)).clear())
    expect((await browser.visit(event => useSession(event, H3_CONFIG))).result.data).toEqual({})
  })
})

describe('h3\'s own useSession in the same request', () => {
  type Use = (event: H3Event) => Promise<{ id: string | undefined, data: Record<string, unknown>, update: (data: object) => Promise<unknown>, clear: () => Promise<unknown> }>
  const ours: Use = event => useOurs(app, event)
  const theirs: Use = event => useSession(event, H3_CONFIG)
  const orders: [name: string, first: Use, second: Use][] = [['after ours', ours, theirs], ['before ours', theirs, ours]]

  it.each(orders)('%s is the same new session, in one Set-Cookie', async (_, first, second) => {
    const { result, lines } = await browser.visit(async event => [await first(event), await second(event)] as const)
    expect(result[1].id).toBe(result[0].id)
    expect(lines).toHaveLength(1)
  })

  it.each(orders)('%s is the same known session, which is read and not written', async (_, first, second) => {
    const { result: known } = await browser.visit(async event => (await useOurs(app, event)).update({ a: 1 }))
    const { result, lines } = await browser.visit(async event => [await first(event), await second(event)] as const)
    expect(result.map(session => [session.id, { ...session.data }])).toEqual([[known.id, { a: 1 }], [known.id, { a: 1 }]])
    expect(lines).toEqual([])
  })

  it.each(orders)('%s at the same moment is the same session, new or known', async (_, first, second) => {
    const both = (event: H3Event) => Promise.all([first(event), second(event)])
    const begun = await browser.visit(both)
    expect(begun.result[1].id).toBe(begun.result[0].id)
    expect(begun.lines).toHaveLength(1)
    const known = await browser.visit(both)
    expect(known.result.map(session => session.id)).toEqual([begun.result[0].id, begun.result[0].id])
  })

  it.each(orders)('%s sees the writes of the other, and the response has both', async (_, first, second) => {
    const { lines } = await browser.visit(async (event) => {
      const [one, two] = [await first(event), await second(event)]
      await one.update({ a: 1 })
      expect(two.data).toEqual({ a: 1 })
      await two.update({ b: 2 })
      expect(one.data).toEqual({ a: 1, b: 2 })
      await one.update({ c: 3 })
    })
    expect(lines).toHaveLength(1)
    for (const read of [ours, theirs])
      expect((await browser.visit(read)).result.data).toEqual({ a: 1, b: 2, c: 3 })
  })

  it.each(orders)('%s: when one clears, the other reads an empty session', async (_, first, second) => {
    await browser.visit(async event => (await useOurs(app, event)).update({ a: 1 }))
    const { lines } = await browser.visit(async (event) => {
      const [one, two] = [await first(event), await second(event)]
      await one.clear()
      expect({ ...two.data }).toEqual({})
    })
    expect(lines).toHaveLength(1)
    expect(valueOf(lines, 'h3')).toBe('')
  })

  it('shares a session that h3 cleared and we created', async () => {
    await browser.visit(async event => (await useOurs(app, event)).update({ old: 1 }))
    await browser.visit(async (event) => {
      const session = await useOurs(app, event)
      await clearSession(event, H3_CONFIG)
      await session.update({ fresh: 1 })
      expect((await useSession(event, H3_CONFIG)).data).toEqual({ fresh: 1 })
    })
    expect((await browser.visit(ours)).result.data).toEqual({ fresh: 1 })
  })

  it('reads a session on a socket, to which h3 does not write', async () => {
    const token = await app.seal({ data: { a: 1 } })
    const socket = { headers: new Headers({ cookie: `h3=${token}` }), context: {} }
    const session = await useOurs(app, socket as unknown as H3Event)
    expect(session.data).toEqual({ a: 1 })
    expect((await useSession(socket as never, H3_CONFIG)).data).toEqual({ a: 1 })
    await expect(session.update({ b: 2 })).rejects.toMatchObject({ code: 'SESSION_READONLY' })
  })

  it('does not change other cookies of the response', async () => {
    const event = h3Event()
    event.node.res.setHeader('set-cookie', 'theme=dark; Path=/')
    await (await useOurs(app, event)).update({ a: 1 })
    expect(setCookiesOf(event)).toEqual(['theme=dark; Path=/', expect.stringMatching(/^h3=/)])
  })
})
