import { describe, expect, it } from 'vitest'
import { administratedStore, revokeUser } from '../../src/runtime/core/session/administration'
import { TestApp } from './support/app'
import { h3Event, useOurs } from './support/h3'
import { storedApp } from './support/stored'

const PASSWORD = 'a password for the tests that is 32 characters long'
const placeOf = (app: TestApp) => administratedStore(app.env, app.resolve(), 'test')

describe('a late write without cookies', () => {
  it.each(['', 'session'])('a late write needs no response, storage %j', async (storage) => {
    const app = new TestApp({ cookie: false, storage, saveUninitialized: false })
    const event = h3Event()
    const session = await useOurs(app, event)
    event.node.res.writeHead(200)
    await session.update({ a: 1 })
    expect(session.data).toEqual({ a: 1 })
  })
})

describe('two stores for one name in a request', () => {
  it.each(['other', false])('are a developer\'s mistake and throw: "session" and %j', async (storage) => {
    const app = storedApp()
    await app.browser().visit(async ({ use }) => {
      await use()
      await expect(use({ storage })).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
    })
  })
})

describe('a renewal while the headers go out', () => {
  it('does not fail the read, cookie', async () => {
    const app = new TestApp({ idleTimeout: 60 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(40)
    await browser.visit(async ({ use, transport }) => {
      const opening = use()
      void Promise.resolve().then(async () => {
        while (transport.states.h3?.lastWrite === undefined) await new Promise(resolve => setImmediate(resolve))
        transport.refusal = 'headers-sent'
      })
      expect((await opening).data).toEqual({ a: 1 })
    })
  })

  it('does not fail the read, store, real response', async () => {
    const app = storedApp({ idleTimeout: 60, password: PASSWORD })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(40)
    const event = h3Event({ cookie: `h3=${browser.jar.get('h3')}` })
    const store = app.env.storeOf(app.resolve())
    const touch = store.touch.bind(store)
    store.touch = async (...args) => {
      const found = await touch(...args)
      setTimeout(() => event.node.res.writeHead(200), 0)
      return found
    }
    expect((await useOurs(app, event)).data).toEqual({ a: 1 })
  })
})

describe('seal.ttl with a store', () => {
  it('ends the token', async () => {
    const app = storedApp({ seal: { ttl: 1000 } })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.pass(2)
    expect(await browser.data()).toEqual({})
  })
})

describe('a lost race at load', () => {
  it('a hook write that lost ten races does not log out', async () => {
    const app = storedApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    app.env.on('session:load', async session => void await session.update({ seen: 1 }))
    const store = app.env.storeOf(app.resolve())
    const { SessionError } = await import('../../src/runtime/core/model/errors')
    store.update = async () => { throw new SessionError('SESSION_CONFLICT', 'an update lost its race 10 times') }
    const outcome = await browser.visit(async ({ use }) => ({ ...(await use()).data })).then(({ result }) => result, error => error.code)
    expect([outcome, app.env.reasons]).toEqual(['SESSION_CONFLICT', []])
  })
})

describe('a session that comes by header', () => {
  it('a header-only client that reads every day keeps a session without lifetimes', async () => {
    const app = storedApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    const request = { headers: { 'x-h3-session': browser.jar.get('h3')! } }
    let seen: unknown
    for (let day = 0; day < 40; day++) {
      app.pass(24 * 3600)
      seen = (await app.browser().visit(async ({ use }) => (await use()).userId, request)).result
    }
    expect(seen).toBe('ada')
  })
})

describe('revokeUser(undefined)', () => {
  it('is a config error', async () => {
    const app = storedApp()
    await expect(revokeUser(await placeOf(app), undefined as never, undefined)).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
  })
})
