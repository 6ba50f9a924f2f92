import { describe, expect, it } from 'vitest'
import type { SessionManager } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'

type Manager = SessionManager<Record<string, unknown>>
type Write = [name: string, write: (session: Manager) => Promise<unknown>]

const WRITES: Write[] = [
  ['update', session => session.update({ b: 2 })],
  ['replace', session => session.replace({ b: 2 })],
  ['regenerate', session => session.regenerate({ userId: 'bob', data: { b: 2 }, maxAge: 5 })],
  ['flash', session => session.flash('key', 'new')],
  ['clear', session => session.clear()],
]

function look({ id, data, createdAt, expiresAt, isNew, userId, authenticatedAt, handle }: Manager) {
  return { id, data: structuredClone(data), createdAt, expiresAt, isNew, userId, authenticatedAt, handle }
}

async function loggedIn() {
  const app = new TestApp({ maxAge: 3600 })
  const browser = app.browser()
  await browser.visit(async ({ use }) => {
    const session = await use()
    await session.regenerate({ userId: 'ada', data: { a: 1 } })
    await session.flash('key', 'old')
  })
  app.pass(7)
  return { app, browser }
}

describe.each(WRITES)('%s that fails', (_, write) => {
  it('in a hook leaves state and cookies unchanged', async () => {
    const { app, browser } = await loggedIn()
    for (const hook of ['session:update', 'session:regenerate', 'session:clear'] as const)
      app.env.on(hook, () => { throw new Error('no') })
    await browser.visit(async ({ use, transport }) => {
      const session = await use()
      const before = look(session)
      await expect(write(session)).rejects.toThrow('no')
      expect(look(session)).toEqual(before)
      expect(look(await use())).toEqual(before)
      expect(transport.setCookies()).toEqual([])
      expect(await app.request(transport).use().then(again => again.data)).toEqual({ a: 1 })
    })
    for (const hook of ['session:update'] as const) app.env.on(hook, () => {})
    expect((await browser.visit(async ({ use }) => (await use()).flash('key'))).result).toBe('old')
  })

  it.each([['readonly', 'SESSION_READONLY'], ['headers-sent', 'SESSION_HEADERS_SENT'], ['prerender', 'SESSION_CACHED_ROUTE']] as const)(
    'because the response is %s throws %s and calls no hook', async (refusal, code) => {
      const { app, browser } = await loggedIn()
      await browser.visit(async ({ use, transport }) => {
        const session = await use()
        const before = look(session)
        app.env.takeCalls()
        transport.refusal = refusal
        await expect(write(session)).rejects.toMatchObject({ code, statusCode: 500, name: 'SessionError' })
        expect(look(session)).toEqual(before)
        expect([transport.writes, app.env.takeCalls()]).toEqual([0, []])
      })
    })

  it('because the headers are sent in the meantime changes nothing', async () => {
    const { app, browser } = await loggedIn()
    await browser.visit(async ({ use, transport }) => {
      const session = await use()
      const before = look(session)
      for (const hook of ['session:update', 'session:regenerate', 'session:clear'] as const)
        app.env.on(hook, () => { transport.refusal = 'headers-sent' })
      const outcome = await write(session).then(() => 'sent', (error: { code: string }) => error.code)
      expect(outcome).toBe('SESSION_HEADERS_SENT')
      expect(look(session)).toEqual(before)
      expect(transport.writes).toBe(0)
    })
  })
})

describe('a write that fails', () => {
  it.each<[code: string, data: Record<string, unknown>]>([
    ['SESSION_NOT_SERIALIZABLE', { ok: 1, user: { tags: new Set([1]) } }],
    ['SESSION_TOO_LARGE', { big: 'x'.repeat(8000) }],
  ])('with %s leaves the state and the cookie of an earlier write', async (code, data) => {
    const browser = new TestApp().browser()
    const { lines } = await browser.visit(async ({ use, transport }) => {
      const session = await use()
      await session.update({ a: 1 })
      const before = transport.setCookies()
      await expect(session.update(data)).rejects.toMatchObject({ code, statusCode: 500 })
      expect(session.data).toEqual({ a: 1 })
      return expect(transport.setCookies()).toEqual(before)
    })
    expect(lines).toHaveLength(1)
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('inside a hook that continues leaves nothing behind', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => {
      const session = await use()
      app.env.on('session:update', async (current) => {
        await current.regenerate({ userId: 'ada', data: [] as never }).catch(() => {})
      })
      await session.update({ a: 1 })
      expect(session).toMatchObject({ id: 'id-1', userId: undefined, data: { a: 1 } })
    })
  })

  it('names neither seal nor password nor data in its message', async () => {
    await new TestApp().browser().visit(async ({ use }) => {
      const error = await (await use()).update({ card: new Map([['secret', 'value']]) }).catch((thrown: Error) => thrown.message)
      expect(error).toBe('[nuxt-h3-session] SESSION_NOT_SERIALIZABLE: data.card is of type Map, which JSON loses. Store a plain value in its place: a string, number, boolean, null, array or object.')
    })
  })
})

describe('a cached route', () => {
  it.each<[varies: string[], request: { headers?: Record<string, string> }, refused: boolean]>([
    [[], {}, true],
    [['cookie'], {}, false],
    [['cookie', 'x-h3-session'], { headers: { 'x-h3-session': 'token' } }, false],
  ])('that varies by %j with %j is rejected: %s', async (cachedBy, request, refused) => {
    const app = new TestApp()
    const visit = app.browser().visit(({ use }) => use(), { cachedBy, ...request })
    if (refused) await expect(visit).rejects.toMatchObject({ code: 'SESSION_CACHED_ROUTE', statusCode: 500 })
    else await expect(visit).resolves.toBeDefined()
  })

  it('reads an empty session while prerendering and sends nothing', async () => {
    const app = new TestApp()
    const cookie = `h3=${await app.seal({ data: { a: 1 } })}`
    const { result, transport } = await app.browser().visit(({ use }) => use(), { writeRefusal: 'prerender', cookie })
    expect([result.data, transport.writes, app.env.takeCalls()]).toEqual([{}, 0, []])
  })
})
