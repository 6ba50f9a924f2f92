import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { TestApp } from '../unit/support/app'
import type { TestBrowser, Visit } from '../unit/support/app'
import { MapDriver } from '../unit/store/support/map-driver'
import { until } from '../support/until'
import { counted } from './support/counted-driver'
import type { Call } from './support/counted-driver'
import { HeldDriver } from './support/held-driver'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'

const opened = new Opened()
let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
  opened.add(() => server.stop())
})
afterAll(() => opened.close())

const DRIVERS: Record<string, () => StoreDriver> = {
  'Redis': () => opened.driver({ driver: 'redis', port: server.port, base: `run${Math.random()}` }),
  'SQLite': () => opened.driver({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') }),
  'any driver': () => new MapDriver(),
}

const unknown = expect.objectContaining({
  code: 'SESSION_STORE_UNAVAILABLE', statusCode: 503, message: expect.stringContaining('may or may not have been written'),
})
const handleOf = (id: string) => createHash('sha256').update(id).digest('hex')
const isWriteOf = (isHandle: (handle: string) => boolean) => ({ keys: [key = ''] = [], isRead }: Call) => {
  const [, handle] = /(?:^|:)([\da-f]{64})$/.exec(key) ?? []
  // The key of a user's entry also ends with the handle.
  return !isRead && handle !== undefined && !/\buser:/.test(key) && isHandle(handle)
}

const userOf = async (browser: TestBrowser) => (await browser.visit(async ({ use }) => (await use()).userId)).result
const login = async ({ use }: Visit) => {
  const session = await use()
  await expect(session.regenerate({ userId: 'ada' })).rejects.toEqual(unknown)
  return session
}

describe.each(Object.entries(DRIVERS))('%s that is silent for longer than storeTimeout', (_name, open) => {
  /** A visitor with a cart. */
  async function given() {
    const app = new TestApp({ storage: 'session' })
    const held = new HeldDriver(open(), app.env)
    const browser = app.browser()
    const { result } = await browser.visit(async ({ use }) => (await use()).update({ cart: 1 }))
    const old = { handle: handleOf(result.id!), cookie: browser.jar.header(app.env.time) }
    const seenWith = async (cookie: string) => (await app.browser().visit(async ({ use }) => {
      const { data, userId } = await use()
      return { data: { ...data }, userId }
    }, { cookie })).result
    return { app, held, browser, old, seenWith, store: app.env.storeOf(app.resolve()) }
  }

  /** A login during which the store does not confirm the end of the old id in time. */
  async function uncertainLogin(handler: (visit: Visit) => Promise<unknown> = login) {
    const all = await given()
    const { held, browser, old } = all
    held.hold(isWriteOf(handle => handle === old.handle))
    const visit = browser.visit(handler)
    await held.held()
    held.expire()
    const { lines } = await visit
    return { ...all, lines }
  }

  it('at the end of the old id: the new session and its cookie stay, and the error is thrown', async () => {
    const { app, browser, lines } = await uncertainLogin(async (visit) => {
      const { userId, data, isNew } = await login(visit)
      expect({ userId, data, isNew }).toEqual({ userId: 'ada', data: { cart: 1 }, isNew: false })
    })
    expect(lines).toHaveLength(1)
    expect(await userOf(browser)).toBe('ada')
    expect(app.env.calls.filter(call => call.name === 'session:regenerate')).toHaveLength(1)
  })

  it('and ends the old id later: the new one lives', async () => {
    const { held, browser, old, seenWith, store } = await uncertainLogin()
    held.release()
    await until(async () => 'dead' in (await store.get(old.handle) ?? {}))
    expect([await seenWith(old.cookie), await userOf(browser)]).toEqual([{ data: {}, userId: undefined }, 'ada'])
  })

  it('and never ends the old id: both live', async () => {
    const { held, browser, old, seenWith } = await uncertainLogin()
    held.fail(new Error('connection lost'))
    expect([await seenWith(old.cookie), await userOf(browser)]).toEqual([{ data: { cart: 1 }, userId: undefined }, 'ada'])
  })

  it('and loses its connection for good: the same', async () => {
    const { held, browser, old } = await given()
    held.refuse(isWriteOf(handle => handle === old.handle))
    const { lines } = await browser.visit(login)
    held.refuse(() => false)
    expect(lines).toHaveLength(1)
    expect(await userOf(browser)).toBe('ada')
  })

  it('and loses its connection for a moment: the login succeeds, and the old id has ended', async () => {
    const { held, browser, old, store } = await given()
    held.hold(isWriteOf(handle => handle === old.handle))
    const visit = browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    await held.held()
    held.fail(new Error('connection lost'))
    expect((await visit).lines).toHaveLength(1)
    expect(await userOf(browser)).toBe('ada')
    expect(await store.get(old.handle)).toMatchObject({ dead: 'superseded' })
    expect((await store.list({ userId: 'ada' })).entries).toHaveLength(1)
  })

  it('and answers again in the same request: its later calls are about the new session', async () => {
    const acts: Record<string, (session: Awaited<ReturnType<typeof login>>) => Promise<unknown>> = {
      update: session => session.update({ more: 1 }),
      again: session => session.regenerate({ userId: 'ada', data: { more: 1 } }),
      clear: session => session.clear(),
    }
    for (const [name, act] of Object.entries(acts)) {
      const { held, browser, old, store } = await given()
      held.hold(isWriteOf(handle => handle === old.handle))
      const visit = browser.visit(async (visit) => {
        const session = await login(visit)
        held.release()
        await act(session)
      })
      await held.held()
      held.expire()
      const { lines } = await visit
      expect(lines).toHaveLength(1)
      const { result } = await browser.visit(async ({ use }) => ({ ...(await use()).data }))
      expect(result).toEqual(name === 'clear' ? {} : { cart: 1, more: 1 })
      await until(async () => 'dead' in (await store.get(old.handle) ?? {}))
      expect((await store.list({ userId: 'ada' })).entries).toHaveLength(name === 'clear' ? 0 : 1)
    }
  })

  it('at the creation of the new id: nothing is sent, the old one stays, and a late write creates no usable session', async () => {
    const { held, browser, old, lines, store } = await (async () => {
      const all = await given()
      all.held.hold(isWriteOf(handle => handle !== all.old.handle))
      const visit = all.browser.visit(async (visit) => {
        const { userId, data } = await login(visit)
        expect({ userId, data }).toEqual({ userId: undefined, data: { cart: 1 } })
      })
      await all.held.held()
      all.held.expire()
      return { ...all, ...await visit }
    })()
    expect(lines).toEqual([])
    held.release()
    await until(async () => (await store.list({})).entries.length === 1)
    expect((await store.list({})).entries.map(entry => entry.key)).toEqual([old.handle])
    expect(await browser.data()).toEqual({ cart: 1 })
  })

  it('at the migration of a cookie session: the user stays logged in', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    const old = handleOf((await browser.visit(async ({ use }) => (await use()).id)).result!)
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 1e9) })
    const held = new HeldDriver(open(), app.env)
    held.hold(isWriteOf(handle => handle === old))
    const visit = browser.visit(async ({ use }) => {
      await expect(use()).rejects.toEqual(unknown)
      return (await use()).userId
    })
    await held.held()
    held.expire()
    const { result, lines } = await visit
    expect([result, lines.length]).toEqual(['ada', 1])
    held.release()
    expect(await userOf(browser)).toBe('ada')
  })

  it('at the end of 64 old ids at the same time: the users stay logged in', async () => {
    const { app, held } = await given()
    const browsers = Array.from({ length: 64 }, () => app.browser())
    await Promise.all(browsers.map(browser => browser.visit(async ({ use }) => (await use()).update({ cart: 1 }))))
    const old = new Set(await Promise.all(browsers.map(async browser =>
      (await browser.visit(async ({ use }) => (await use()).handle)).result)))
    held.hold(isWriteOf(handle => old.has(handle)))
    const visits = browsers.map(browser => browser.visit(login))
    await held.held(64)
    held.expire()
    await Promise.all(visits)
    held.release()
    expect(await Promise.all(browsers.map(userOf))).toEqual(browsers.map(() => 'ada'))
  })
})

describe('a Redis that pauses for longer than storeTimeout during 64 logins', () => {
  // Each login writes twice.
  it.each([1, 32, 64, 96, 112, 128])('from write number %i on, logs no user out', async (first) => {
    const redis = await RedisServer.start()
    opened.add(() => redis.stop())
    const app = new TestApp({ storage: 'session', storeTimeout: 300 })
    let writes = -Infinity
    app.env.driver = counted(opened.driver({ driver: 'redis', port: redis.port }), app.env, ({ isRead }) => {
      if (!isRead && ++writes === first) redis.signal('SIGSTOP')
    })
    const browsers = Array.from({ length: 64 }, () => app.browser())
    await Promise.all(browsers.map(browser => browser.visit(async ({ use }) => (await use()).update({ cart: 1 }))))
    writes = 0
    const outcomes = await Promise.all(browsers.map(async browser => (await browser.visit(async ({ use }) =>
      (await use()).regenerate({ userId: 'ada' }).then(() => undefined, error => error.code as string))).result))
    redis.signal('SIGCONT')
    expect(new Set(outcomes)).toContain('SESSION_STORE_UNAVAILABLE')
    const seen = await Promise.all(browsers.map(async browser => (await browser.visit(async ({ use }) => ({ ...(await use()).data }))).result))
    expect(seen).toEqual(browsers.map(() => ({ cart: 1 })))
  })
})
