import { describe, expect, it } from 'vitest'
import { createHookScope } from '../../src/runtime/core/session/hook-scope'
import type { SessionHookInfos } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'
import { FakeEnvironment } from './support/environment'

async function known(config = {}) {
  const app = new TestApp(config)
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
  app.env.takeCalls()
  return { app, browser }
}

describe('hooks', () => {
  it('are called in order over a session\'s life', async () => {
    const app = new TestApp()
    const { env } = app
    const browser = app.browser()
    await browser.visit(({ use }) => use())
    expect(env.takeCalls()).toEqual(['session:create'])
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(env.takeCalls()).toEqual(['session:load', 'session:update'])
    await browser.visit(async ({ use }) => (await use()).replace({ a: 1 }))
    expect(env.takeCalls()).toEqual(['session:load', 'session:update'])
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    expect(env.takeCalls()).toEqual(['session:load', 'session:regenerate'])
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(env.takeCalls()).toEqual(['session:load', 'session:clear'])
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.clear()
      await session.update({ b: 1 })
    })
    expect(env.takeCalls()).toEqual(['session:create', 'session:clear', 'session:create', 'session:update'])
  })

  it('see the session as it will be committed, and get where it came from', async () => {
    const { app, browser } = await known()
    await browser.visit(async ({ use }) => (await use()).update({ b: 2 }))
    expect(app.env.calls).toEqual([
      { name: 'session:load', id: 'id-1', data: { a: 1 }, info: { name: 'h3', transport: 'cookie', reject: expect.any(Function) } },
      { name: 'session:update', id: 'id-1', data: { a: 1, b: 2 }, info: { name: 'h3', transport: 'cookie' } },
    ])
  })

  it('get the former id and user at regenerate', async () => {
    const { app, browser } = await known()
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.regenerate({ userId: 'ada' })
      await session.regenerate({ userId: 'bob' })
    })
    const infos = app.env.calls.filter(call => call.name === 'session:regenerate').map(call => call.info)
    expect(infos).toEqual([
      { name: 'h3', transport: 'cookie', previousId: 'id-1', previousUserId: undefined },
      { name: 'h3', transport: 'cookie', previousId: 'id-2', previousUserId: 'ada' },
    ])
  })

  it('see the session before it is cleared', async () => {
    const { app, browser } = await known()
    await browser.visit(async ({ use }) => (await use()).clear())
    expect(app.env.calls.at(-1)).toMatchObject({ name: 'session:clear', id: 'id-1', data: { a: 1 } })
  })

  it('run session:load once per request', async () => {
    const { app, browser } = await known()
    await browser.visit(({ use }) => Promise.all([use(), use(), use()]))
    expect(app.env.takeCalls()).toEqual(['session:load'])
  })

  it.each(['session:create', 'session:update', 'session:load', 'session:reject'] as const)(
    'may change the session in %s; the change is part of the commit', async (name) => {
      const app = new TestApp()
      const browser = app.browser()
      if (name === 'session:reject') browser.jar.set('h3', 'nonsense')
      if (name === 'session:load') await browser.visit(({ use }) => use())
      app.env.on(name, session => session.update({ byHook: true }))
      const { result, transport } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
      app.env.on(name, () => {})
      expect(result.data).toEqual({ a: 1, byHook: true })
      expect(transport.setCookies()).toHaveLength(1)
      expect(await browser.data()).toEqual({ a: 1, byHook: true })
    })

  it('get the same session from useSession', async () => {
    const { app, browser } = await known()
    const seen: unknown[] = []
    await browser.visit(async ({ use }) => {
      app.env.on('session:load', async () => { seen.push((await use()).id) })
      app.env.on('session:update', async () => { seen.push({ ...(await (await use()).update({ c: 3 })).data }) })
      await (await use()).update({ b: 2 })
    })
    expect(seen).toEqual(['id-1', { a: 1, b: 2, c: 3 }])
  })

  it('are not called again for a write inside a hook', async () => {
    const { app, browser } = await known()
    app.env.on('session:update', session => session.update({ n: 1 }))
    await browser.visit(async ({ use }) => (await use()).update())
    expect(app.env.takeCalls()).toEqual(['session:load', 'session:update'])
  })

  it.each(['session:create', 'session:update', 'session:clear', 'session:regenerate'] as const)('abort the write by a throw in %s', async (name) => {
    const app = new TestApp({ saveUninitialized: false })
    app.env.on(name, () => { throw new Error('no') })
    const { transport } = await app.browser().visit(async ({ use }) => {
      const session = await use()
      const write = { 'session:clear': session.clear, 'session:regenerate': session.regenerate }[name as string] ?? session.update
      await expect(write()).rejects.toThrow('no')
      expect(session).toMatchObject({ id: 'id-1', data: {} })
    })
    expect(transport.writes).toBe(0)
  })
})

describe('info.reject of session:load', () => {
  const reject = (reason: string) => (_: unknown, info: SessionHookInfos['session:load']) => info.reject(reason)

  it('rejects the session with the app\'s reason', async () => {
    const { app, browser } = await known()
    app.env.on('session:load', reject('banned'))
    const { result, shapes } = await browser.visit(({ use }) => use())
    expect(result).toMatchObject({ data: {}, isNew: true })
    expect(result.id).not.toBe('id-1')
    expect(app.env.reasons).toEqual(['banned'])
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
  })

  it('waits for the app\'s database', async () => {
    const { app, browser } = await known()
    app.env.on('session:load', async (_, info) => {
      await Promise.resolve()
      info.reject('banned')
    })
    const { result } = await browser.visit(({ use }) => Promise.all([use(), use()]))
    expect(result.map(session => session.data)).toEqual([{}, {}])
  })

  it('drops the hook\'s earlier writes', async () => {
    const { app, browser } = await known({ saveUninitialized: false })
    app.env.on('session:load', async (session, info) => {
      await session.update({ b: 1 })
      info.reject('banned')
    })
    const { result, transport } = await browser.visit(({ use }) => use())
    expect([result.data, transport.writes]).toEqual([{}, 0])
  })

  it.each(['revoked', 'superseded'])('%s sends nothing by itself, so that no newer cookie is overwritten', async (reason) => {
    const { app, browser } = await known()
    app.env.on('session:load', reject(reason))
    const silent = await browser.visit(async ({ use }) => [await use(), await use()])
    expect(silent.transport.writes).toBe(0)
    const written = await browser.visit(async ({ use }) => (await use()).update({ a: 2 }))
    expect(written.transport.setCookies()).toHaveLength(1)
  })

  it('that throws fails the call, and the next call again', async () => {
    const { app, browser } = await known()
    app.env.on('session:load', () => { throw new Error('database') })
    const { transport } = await browser.visit(async ({ use }) => {
      await expect(use()).rejects.toThrow('database')
      await expect(use()).rejects.toThrow('database')
    })
    expect([transport.writes, transport.sessions.h3]).toEqual([0, undefined])
  })

  it('that throws once does not fail the rest of the request', async () => {
    const { app, browser } = await known()
    let calls = 0
    app.env.on('session:load', () => { if (++calls === 1) throw new Error('database') })
    const { result } = await browser.visit(async ({ use }) => {
      await expect(use()).rejects.toThrow('database')
      return use()
    })
    expect(result).toMatchObject({ id: 'id-1', data: { a: 1 } })
  })
})

describe('a runtime without AsyncLocalStorage', () => {
  it('waits for the hook of a rejected session, and sends the new one', async () => {
    const app = new TestApp({}, new FakeEnvironment(createHookScope(undefined)))
    const { result, lines } = await app.browser().visit(async ({ use }) => (await use()).id, { cookie: 'h3=garbage' })
    expect(result).toBe('id-1')
    expect(lines).toHaveLength(1)
    expect(app.env.takeCalls()).toEqual(['session:reject', 'session:create'])
  })

  it('waits for the session:load hook, and commits what is written then', async () => {
    const app = new TestApp({}, new FakeEnvironment(createHookScope(undefined)))
    app.env.on('session:load', () => new Promise<void>((resolve) => { setImmediate(resolve) }))
    const browser = app.browser()
    for (const count of [1, 2, 3]) await browser.visit(async ({ use }) => (await use()).update({ count }))
    expect(await browser.data()).toEqual({ count: 3 })
    await expect(browser.visit(async ({ use }) => (await use()).update({ map: new Map() }))).rejects.toThrow('SESSION_NOT_SERIALIZABLE')
  })
})

describe('writes in series', () => {
  const turn = () => new Promise<void>(resolve => void setTimeout(resolve, 20))

  it('a third one waits for the second, which fails', async () => {
    const app = new TestApp()
    const browser = app.browser()
    app.env.on('session:update', async ({ data }) => {
      if (!data.b) return
      await turn()
      throw new Error('no')
    })
    await browser.visit(async ({ use }) => {
      const session = await use()
      const [first, second] = [session.update({ a: 1 }), session.update({ b: 1 })]
      const failing = expect(second).rejects.toThrow('no')
      await first
      await session.update({ c: 1 })
      await failing
    })
    expect(await browser.data()).toEqual({ a: 1, c: 1 })
  })

  it('one by another session\'s hook waits for the running one, which fails', async () => {
    const app = new TestApp({ named: { cart: {} } })
    const browser = app.browser()
    app.env.on('session:update', async ({ data }, _, { state, transport }) => {
      if (state.name === 'h3') return void await (await app.request(transport as never).use({ name: 'cart' })).update({ byH3: 1 })
      if (!data.bad) return
      await turn()
      throw new Error('no')
    })
    await browser.visit(async ({ use }) => {
      const [session, cart] = [await use(), await use({ name: 'cart' })]
      const failing = expect(cart.update({ bad: 1 })).rejects.toThrow('no')
      await Promise.resolve()
      await session.update({ a: 1 })
      await failing
    })
    expect(await browser.data({ name: 'cart' })).toEqual({ byH3: 1 })
  })
})
