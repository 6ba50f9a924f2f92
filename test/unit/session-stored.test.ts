import { describe, expect, it } from 'vitest'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { MapDriver } from './store/support/map-driver'
import { openSeal } from './support/app'
import { valueOf } from './support/jar'
import { storedApp, itemsOf, recordsOf, liveRecords, write } from './support/stored'

const conflict = expect.objectContaining({ code: 'SESSION_CONFLICT' })

describe('a session in a store', () => {
  it('is neither sent nor stored before its first write', async () => {
    const app = storedApp()
    const { lines } = await app.browser().visit(({ use }) => use())
    expect(lines).toEqual([])
    expect(itemsOf(app).size).toBe(0)
  })

  it('keeps its data in the store, under the SHA-256 of the id, and only the id in the cookie', async () => {
    const app = storedApp()
    const browser = app.browser()
    const { result, lines, shapes } = await write(browser, { cart: ['a'] })
    expect(shapes).toEqual(['h3=<seal>; Path=/; HttpOnly; Secure; SameSite=Lax'])
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({ id: result.id, name: 'h3', sealedAt: app.env.time })
    expect([...itemsOf(app).keys()]).toContain(result.handle)
    expect(JSON.stringify([...itemsOf(app)])).not.toContain(result.id)
    expect(recordsOf(app)).toEqual([{
      createdAt: app.env.time, lastSeenAt: app.env.time, expiresAt: app.env.time + 30 * 24 * 3600_000, name: 'h3', data: { cart: ['a'] },
    }])
  })

  it('is read and changed by the next requests without another cookie', async () => {
    const app = storedApp()
    const browser = app.browser()
    const first = await write(browser, { a: 1 })
    const { result, lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      expect([session.id, session.isNew, { ...session.data }]).toEqual([first.result.id, false, { a: 1 }])
      await session.update({ b: 2 })
      await session.update(data => ({ a: data.a + 1 }))
      return session.data
    })
    expect([result, lines]).toEqual([{ a: 2, b: 2 }, []])
    expect(await browser.data()).toEqual({ a: 2, b: 2 })
  })

  it('is never in event.context.sessions', async () => {
    const app = storedApp()
    const browser = app.browser()
    const { transport } = await write(browser, { a: 1 })
    const { transport: next } = await browser.visit(({ use }) => use())
    expect([Object.keys(transport.sessions), Object.keys(next.sessions)]).toEqual([[], []])
  })

  it('loses no update of requests at the same time', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    await Promise.all(Array.from({ length: 50 }, () => browser.visit(async ({ use }) => {
      const session = await use()
      await session.update(data => ({ n: data.n + 1 }))
    })))
    expect(await browser.data()).toEqual({ n: 50 })
  })

  it('can be larger than cookies', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { text: 'x'.repeat(100_000) })
    expect((await browser.data()).text).toHaveLength(100_000)
  })

  it('shows a change in place as a mistake in development', async () => {
    const app = storedApp()
    app.env.isDevelopment = true
    const browser = app.browser()
    await write(browser, { list: [{ a: 1 }] })
    await browser.visit(async ({ use }) => {
      const session = await use()
      expect(() => { session.data.b = 1 }).toThrow(TypeError)
      expect(() => { session.data.list[0].a = 2 }).toThrow(TypeError)
      const own = { deep: { c: 1 } }
      await session.update({ own })
      own.deep.c = 2
      expect(session.data.list).toEqual([{ a: 1 }])
    })
  })

  it('is written without a response, if it is stored already', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    for (const writeRefusal of ['readonly', 'headers-sent'] as const) {
      await browser.visit(async ({ use }) => {
        const session = await use()
        await session.update({ by: writeRefusal })
        await expect(session.regenerate()).rejects.toMatchObject({ code: writeRefusal === 'readonly' ? 'SESSION_READONLY' : 'SESSION_HEADERS_SENT' })
        expect(session.data.by).toBe(writeRefusal)
      }, { writeRefusal })
    }
    expect(await browser.data()).toEqual({ a: 1, by: 'headers-sent' })
    await app.browser().visit(async ({ use }) => {
      await expect((await use()).update({ a: 1 })).rejects.toMatchObject({ code: 'SESSION_READONLY' })
    }, { writeRefusal: 'readonly' })
  })

  it('changes nothing if a write throws', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    await browser.visit(async ({ use }) => {
      const session = await use()
      await expect(session.update({ map: new Map() })).rejects.toMatchObject({ code: 'SESSION_NOT_SERIALIZABLE' })
      expect(session.data).toEqual({ a: 1 })
    })
    app.env.on('session:update', () => { throw new Error('no') })
    await browser.visit(async ({ use }) => {
      const session = await use()
      await expect(session.update({ a: 2 })).rejects.toThrow('no')
      await expect(session.clear().then(() => session.update({ b: 1 }))).rejects.toThrow('no')
    })
    app.env.on('session:update', () => undefined)
    expect(liveRecords(app)).toEqual([])
  })
})

describe('a new id', () => {
  it('revokes the old one at once; its requests read nothing and get no cookie', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { cart: 1 })
    const old = browser.jar.get('h3')!
    const { result, lines } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { in: true } }))
    expect(result.userId).toBe('ada')
    expect(lines).toHaveLength(1)
    expect(await browser.data()).toEqual({ cart: 1, in: true })
    app.env.takeCalls()
    const slow = await browser.visit(async ({ use }) => {
      const session = await use({ saveUninitialized: true })
      return [session.isNew, { ...session.data }, session.userId]
    }, { cookie: `h3=${old}` })
    expect([slow.result, slow.lines]).toEqual([[true, {}, undefined], []])
    expect(app.env.reasons.at(-1)).toBe('superseded')
    expect(liveRecords(app)).toHaveLength(1)
  })

  it('is given to one of two parallel requests, the other gets an error', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { cart: 1 })
    const cookie = browser.jar.header(app.env.time)
    const login = (userId: string) => browser.visit(async ({ use }) => (await use()).regenerate({ userId }), { cookie })
    const outcomes = await Promise.allSettled([login('ada'), login('bob')])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: conflict })
    expect(liveRecords(app)).toHaveLength(1)
  })

  it('keeps a write of another request in the meantime', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    const cookie = browser.jar.header(app.env.time)
    let isFirst = true
    app.env.on('session:regenerate', async () => {
      if (!isFirst) return
      isFirst = false
      await browser.visit(async ({ use }) => (await use()).update({ other: true }), { cookie })
    })
    await browser.visit(async ({ use }) => (await use()).regenerate({ data: { mine: true } }), { cookie })
    expect(await browser.data()).toEqual({ n: 0, other: true, mine: true })
    expect(liveRecords(app)).toHaveLength(1)
  })

  it('can be set by a hook of an update', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { n: 0 })
    const old = browser.jar.get('h3')
    app.env.on('session:update', async (session) => { await session.regenerate() })
    await write(browser, { n: 1 })
    app.env.on('session:update', () => undefined)
    expect(browser.jar.get('h3')).not.toBe(old)
    expect(await browser.data()).toEqual({ n: 1 })
    expect(liveRecords(app)).toHaveLength(1)
  })
})

describe('a cleared session', () => {
  it('is removed from the store and the browser, and stays ended', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    const old = browser.jar.get('h3')
    const { shapes, result } = await browser.visit(async ({ use }) => (await use()).clear())
    expect(shapes).toEqual(['h3=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'])
    expect([result.id, result.data]).toEqual([undefined, {}])
    const late = await browser.visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${old}` })
    expect([late.result, late.lines, app.env.reasons]).toEqual([{}, [], ['revoked']])
    expect(liveRecords(app)).toEqual([])
  })

  it('is followed by a new session at a later write of the same request', async () => {
    const app = storedApp()
    const browser = app.browser()
    const { result: before } = await write(browser, { secret: 1 })
    const { result, lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      const { id } = session
      await session.clear()
      await session.update({ fresh: 1 })
      return [id, session.id]
    })
    expect(result[0]).toBe(before.id)
    expect(result[1]).not.toBe(before.id)
    expect(lines).toHaveLength(1)
    expect(await browser.data()).toEqual({ fresh: 1 })
  })

  it.each<[what: string, late: (session: Awaited<ReturnType<typeof write>>['result']) => Promise<unknown>]>([
    ['an update', session => session.update({ late: 1 })],
    ['a replacement', session => session.replace({ late: 1 })],
    ['a new id', session => session.regenerate({ userId: 'ada' })],
    ['a flash', session => session.flash('late', 1)],
  ])('is not revived by %s of a slow request, which gets an error', async (_, late) => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    const cookie = browser.jar.header(app.env.time)
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      await browser.visit(async ({ use }) => (await use()).clear(), { cookie })
      await expect(late(session)).rejects.toEqual(conflict)
    }, { cookie })
    expect([lines, liveRecords(app)]).toEqual([[], []])
    expect(browser.jar.get('h3')).toBeUndefined()
  })
})

describe('a flash message in a store', () => {
  it('is read by one of many requests at the same time', async () => {
    const app = storedApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).flash('note', 'saved'))
    const reads = await Promise.all(Array.from({ length: 10 }, () => browser.visit(async ({ use }) => (await use()).flash('note'))))
    expect(reads.map(({ result }) => result).filter(Boolean)).toEqual(['saved'])
  })
})

describe('lifetimes in a store', () => {
  it('end a session without any after 30 idle days, and reads prolong it', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.pass(16 * 24 * 3600)
    const { lines } = await browser.visit(({ use }) => use())
    expect(lines).toEqual([])
    app.pass(29 * 24 * 3600)
    expect(await browser.data()).toEqual({ a: 1 })
    app.pass(30 * 24 * 3600 + 1)
    expect(await browser.data()).toEqual({})
    expect(app.env.reasons).toEqual(['idle'])
  })

  it('renew the idle time once per half window, with the cookie', async () => {
    const app = storedApp({ idleTimeout: 60 })
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.pass(20)
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
    app.pass(15)
    const { lines } = await browser.visit(async ({ use }) => {
      expect((await use()).expiresAt).toBe(app.env.time + 60_000)
    })
    expect(lines[0]).toContain(`Expires=${new Date(app.env.time + 60_000).toUTCString()}`)
    expect(recordsOf(app)[0]).toMatchObject({ lastSeenAt: app.env.time, expiresAt: app.env.time + 60_000 })
    app.pass(61)
    expect(await browser.data()).toEqual({})
  })

  it('end at maxAge however much it is used', async () => {
    const app = storedApp({ maxAge: 100 })
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.pass(99)
    await write(browser, { b: 1 })
    const cookie = `h3=${browser.jar.get('h3')}`
    app.pass(1)
    const { result, lines } = await browser.visit(async ({ use }) => ({ ...(await use()).data }), { cookie })
    expect([result, lines, app.env.reasons]).toEqual([{}, [], ['expired']])
  })

  it('are those of "remember me" if regenerate sets them', async () => {
    const app = storedApp({ maxAge: 100 })
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', maxAge: 1000 }))
    app.pass(900)
    expect((await browser.visit(async ({ use }) => (await use()).userId)).result).toBe('ada')
  })
})

describe('hostile tokens', () => {
  it.each(['nonsense', 'Fe26.2**a*b*c**d*' + 'e'.repeat(43), 'x'.repeat(20_000)])('never reach the store: %#', async (token) => {
    const app = storedApp()
    await write(app.browser(), { a: 1 })
    let reads = 0
    const { driver } = app.env
    const getItem = (...args: Parameters<typeof driver.getItem>) => {
      reads++
      return driver.getItem(...args)
    }
    app.env.driver = { ...driver, getInstance: undefined, name: 'other', getItem }
    app.env.stores.clear()
    const { result } = await app.browser().visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${token}` })
    expect([result, reads]).toEqual([{}, 0])
  })

  it('that are cookie sessions are rejected', async () => {
    const app = storedApp()
    const token = await app.seal({ data: { admin: true } })
    const { result, lines } = await app.browser().visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${token}` })
    expect([result, lines, app.env.reasons]).toEqual([{}, [], ['expired']])
  })

  it('of another name, and records that do not parse, are no sessions', async () => {
    const app = storedApp({ named: { cart: {} } })
    const browser = app.browser()
    const { result } = await write(browser, { a: 1 })
    const cookie = browser.jar.get('h3')
    await browser.visit(({ use }) => use({ name: 'cart' }), { cookie: `cart=${cookie}` })
    itemsOf(app).set(result.handle!, '{"v":1,')
    await browser.visit(({ use }) => use())
    itemsOf(app).set(result.handle!, 'null')
    await browser.visit(({ use }) => use())
    expect(app.env.reasons).toEqual(['foreign', 'malformed', 'malformed'])
  })

  it('for a store are rejected without one', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.config.storage = ''
    expect(await browser.data()).toEqual({})
    expect(app.env.reasons).toEqual(['malformed'])
  })
})

describe('a store that fails', () => {
  const unavailable = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE', statusCode: 503 })

  it('has the storeTimeout of each call, which share the session', async () => {
    const app = storedApp({ storeTimeout: 2000 })
    const browser = app.browser()
    const driver = new MapDriver()
    app.env.driver = driver
    await write(browser, { a: 1 })
    await browser.visit(async ({ use }) => {
      await use()
      const session = await use({ storeTimeout: 10 })
      expect(session.data).toEqual({ a: 1 })
      driver.before = () => new Promise(() => undefined)
      await expect(session.update({ a: 2 })).rejects.toThrow('did not answer within 10 ms')
    })
  })

  it.each([[true, ['Cookie', 'x-h3-session']], [false, []]])('makes the error private with cacheHeaders: %s, for a cache in front of the server', async (cacheHeaders, vary) => {
    const app = storedApp({ cacheHeaders })
    const browser = app.browser()
    const driver = new MapDriver()
    app.env.driver = driver
    await write(browser, { a: 1 })
    driver.before = () => { throw new Error('connection refused') }
    const { transport } = await browser.visit(({ use }) => expect(use()).rejects.toEqual(unavailable))
    expect(transport.vary).toEqual(vary)
  })

  it('is not asked again in the same request until storeTimeout has passed, so a page and its error page wait once', async () => {
    const app = storedApp({ storeTimeout: 2000 })
    const browser = app.browser()
    const driver = new MapDriver()
    app.env.driver = driver
    await write(browser, { a: 1 })
    let isDown = true
    driver.before = () => {
      if (isDown) throw new Error('connection refused')
    }
    driver.takeCalls('getItem')
    await browser.visit(async ({ use }) => {
      await expect(use()).rejects.toEqual(unavailable)
      expect(driver.takeCalls('getItem')).toBeGreaterThan(0)
      await expect(use()).rejects.toEqual(unavailable)
      app.pass(1.9)
      await expect(use()).rejects.toEqual(unavailable)
      expect(driver.takeCalls('getItem')).toBe(0)
      isDown = false
      app.pass(0.1)
      expect((await use()).data).toEqual({ a: 1 })
    })
    isDown = true
    await browser.visit(({ use }) => expect(use()).rejects.toEqual(unavailable))
    isDown = false
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('logs no user out: reads and writes throw, the cookie stays, and sessions work when it is back', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    const { driver } = app.env
    let isDown = true
    const call = <T>(run: () => T): T => {
      if (isDown) throw new Error('connection refused')
      return run()
    }
    app.env.driver = {
      name: 'other', getKeys: driver.getKeys,
      getItem: (...args) => call(() => driver.getItem(...args)),
      setItem: (...args) => call(() => driver.setItem!(...args)),
      removeItem: (...args) => call(() => driver.removeItem!(...args)),
    }
    app.env.stores.clear()
    const cookie = browser.jar.get('h3')
    const transport = await browser.visit(async ({ use, transport }) => {
      await expect(use()).rejects.toEqual(unavailable)
      await expect(use()).rejects.toEqual(unavailable)
      return transport
    })
    await app.browser().visit(async ({ use }) => {
      const session = await use()
      await expect(session.update({ a: 1 })).rejects.toEqual(unavailable)
      expect(session.data).toEqual({})
    })
    expect([transport.lines, browser.jar.get('h3')]).toEqual([[], cookie])
    isDown = false
    expect(await browser.data()).toEqual({ a: 1 })
  })
})

describe('hooks of a stored session', () => {
  it('can reject it, and their writes are kept', async () => {
    const app = storedApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    app.env.on('session:load', async (session) => { await session.update({ seen: true }) })
    await browser.visit(({ use }) => use())
    app.env.on('session:load', (_, info) => info.reject('disabled'))
    expect(await browser.data()).toEqual({})
    app.env.on('session:load', () => undefined)
    expect(await browser.data()).toEqual({ a: 1, seen: true })
  })
})

describe('record', () => {
  const headers = { 'user-agent': 'x'.repeat(300), 'x-forwarded-for': '198.51.100.7' }

  it.each<[config: SessionRuntimeConfig, kept: object]>([
    [{}, {}],
    [{ record: { ip: 'socket' } }, { ip: '192.0.2.1' }],
    [{ record: { ip: 'forwarded', userAgent: true } }, { ip: '198.51.100.7', userAgent: 'x'.repeat(256) }],
  ])('%j keeps %j', async (config, kept) => {
    const app = storedApp(config)
    await app.browser().visit(async ({ use }) => (await use()).update({ a: 1 }), { headers })
    const { ip, userAgent } = recordsOf(app)[0]!
    expect({ ip, userAgent }).toEqual({ ip: undefined, userAgent: undefined, ...kept })
  })

  it('keeps the start of the old handle if a user gets a new id, but not at a login', async () => {
    const app = storedApp()
    const browser = app.browser()
    const regenerate = async (userId?: string) => (await browser.visit(async ({ use }) => {
      const session = await use()
      const { handle } = session
      await session.regenerate({ userId })
      return { old: handle, replaces: liveRecords(app)[0]!.replaces }
    })).result
    await write(browser, { a: 1 })
    expect((await regenerate()).replaces).toBeUndefined()
    expect((await regenerate('ada')).replaces).toBeUndefined()
    const { old, replaces } = await regenerate()
    expect(replaces).toBe(old!.slice(0, 12))
    expect((await regenerate('bob')).replaces).toBeUndefined()
  })
})
