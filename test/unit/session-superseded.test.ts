import { describe, expect, it, vi } from 'vitest'
import { administratedStore, revoke, revokeUser } from '../../src/runtime/core/session/administration'
import type { SessionDataShape, SessionManager } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'
import type { TestBrowser, Visit } from './support/app'
import type { FakeRequest } from './support/transport'
import { itemsOf, liveRecords, storedApp, write } from './support/stored'

type Session = SessionManager<SessionDataShape>

const conflict = expect.objectContaining({ code: 'SESSION_CONFLICT', statusCode: 409 })
const REMOVAL = [expect.stringMatching(/^h3=; Max-Age=0/)]
const placeOf = (app: TestApp) => administratedStore(app.env, app.resolve(), 'test')
const login = ({ use }: Visit, userId = 'ada') => use().then(session => session.regenerate({ userId, data: { in: true } }))
const userOf = async (browser: TestBrowser) => (await browser.visit(async ({ use }) => (await use()).userId)).result

const WRITES: Record<string, (session: Session) => Promise<unknown>> = {
  'an update': session => session.update({ visits: 1 }),
  'a replacement': session => session.replace({ visits: 1 }),
  'a flash': session => session.flash('note', 'x'),
  'a new id without a user': session => session.regenerate(),
  'an update after a clear': session => session.clear().then(() => session.update({ visits: 1 })),
}

/** A visitor who has logged in, and the cookie of slow requests that began before. */
async function given(config: object = {}) {
  const app = storedApp(config)
  const browser = app.browser()
  await write(browser, { cart: 1 })
  const old = browser.jar.get('h3')!
  await browser.visit(login)
  const slow = <T>(handler: (visit: Visit) => Promise<T>, request: FakeRequest = {}) => browser.visit(handler, { cookie: `h3=${old}`, ...request })
  return { app, browser, old, slow }
}

describe('a request with the cookie of a replaced id', () => {
  it.each(Object.entries(WRITES))('gets an error for %s, which writes and sends nothing', async (_, act) => {
    const { app, browser, slow } = await given({ saveUninitialized: true, idleTimeout: 60 })
    const { lines } = await slow(async ({ use }) => {
      await expect(act(await use())).rejects.toEqual(conflict)
    })
    expect([lines, liveRecords(app).length, await userOf(browser)]).toEqual([[], 1, 'ada'])
  })

  it('gets the same error if it came by header', async () => {
    const { app, old } = await given()
    const { lines, transport } = await app.browser().visit(async ({ open }) => {
      const session = await open()
      await expect(session.update({ visits: 1 })).rejects.toEqual(conflict)
      await session.clear()
    }, { headers: { 'x-h3-session': old } })
    expect([lines, transport.responseHeaders, liveRecords(app).length]).toEqual([[], {}, 1])
  })

  it('gets the same error on a socket, and can clear there', async () => {
    const { slow } = await given()
    await slow(async ({ use }) => {
      const session = await use()
      await expect(session.update({ visits: 1 })).rejects.toEqual(conflict)
      await session.clear()
      expect([session.id, session.data]).toEqual([undefined, {}])
    }, { writeRefusal: 'readonly' })
  })

  it('gets the same error for a write in a hook', async () => {
    const { app, slow } = await given()
    const errors: unknown[] = []
    app.env.on('session:reject', session => session.update({ why: 'gone' }).catch((error: unknown) => errors.push(error)))
    const { lines, result } = await slow(async ({ use }) => ({ ...(await use()).data }))
    expect([lines, result, errors]).toEqual([[], {}, [conflict]])
  })

  it('sends nothing with clear()', async () => {
    const { browser, slow } = await given()
    const { lines, result } = await slow(async ({ use }) => {
      const session = await (await use()).clear()
      return [session.id, session.data]
    })
    expect([lines, result, await userOf(browser)]).toEqual([[], [undefined, {}], 'ada'])
  })

  it('ends the session with clear() after any number of new ids, and the next time by a short way', async () => {
    const { app, browser } = await given()
    const cookie = `h3=${browser.jar.get('h3')}`
    for (let id = 0; id < 500; id++) await browser.visit(async ({ use }) => (await use()).regenerate())
    const clear = () => browser.visit(async ({ use }) => (await use()).clear(), { cookie })
    const items = itemsOf(app)
    const get = vi.spyOn(items, 'get')
    expect((await clear()).lines).toEqual([])
    expect([await userOf(browser), liveRecords(app)]).toEqual([undefined, []])
    await new Promise(resolve => setImmediate(resolve))
    get.mockClear()
    await clear()
    expect(get.mock.calls.length).toBeLessThan(20)
  })

  it('can log in again, with a new session', async () => {
    const { app, browser, slow } = await given()
    const { lines, result } = await slow(async (visit) => {
      const session = await login(visit, 'bob')
      await session.update({ more: 1 })
      return [session.userId, session.data]
    })
    expect([lines.length, result, await userOf(browser)]).toEqual([1, ['bob', { in: true, more: 1 }], 'bob'])
    expect(liveRecords(app)).toHaveLength(2)
  })

  it('ends the session with a login after any number of new ids, also those of a thief', async () => {
    const { app, browser } = await given()
    const thief = app.browser()
    thief.jar.set('h3', browser.jar.get('h3')!)
    for (let id = 0; id < 20; id++) await thief.visit(async ({ use }) => (await use()).regenerate())
    expect([await userOf(thief), await userOf(browser)]).toEqual(['ada', undefined])
    await browser.visit(login)
    expect([await userOf(thief), await userOf(browser), liveRecords(app).length]).toEqual([undefined, 'ada', 1])
  })

  it('after a login with an earlier id gets the same error: its browser may have the cookie of the login', async () => {
    const { app, browser } = await given()
    const earlier = browser.jar.get('h3')!
    await browser.visit(async ({ use }) => (await use()).regenerate())
    await app.browser().visit(visit => login(visit, 'bob'), { cookie: `h3=${earlier}` })
    app.pass(1800)
    for (const act of Object.values(WRITES)) {
      const { lines } = await browser.visit(async ({ use }) => {
        const session = await use()
        expect({ ...session.data }).toEqual({})
        await expect(act(session)).rejects.toEqual(conflict)
      })
      expect(lines).toEqual([])
    }
  })

  it.each<[string, (visit: Visit) => Promise<unknown>]>([
    ['a logout', async ({ use }) => (await use()).clear()],
    ['a login of another user', visit => login(visit, 'bob')],
    ['a second login of the user', visit => login(visit)],
  ])('does not end a newer login of the same user by %s', async (_, act) => {
    const { browser, app } = await given()
    const old = browser.jar.header(app.env.time)
    await browser.visit(login)
    await browser.visit(async ({ use }) => (await use()).regenerate())
    await app.browser().visit(act, { cookie: old })
    expect(await userOf(browser)).toBe('ada')
  })

  it('still has the replaced id if its login fails', async () => {
    const { app, slow } = await given()
    app.env.on('session:regenerate', () => { throw new Error('no') })
    const { lines } = await slow(async (visit) => {
      await expect(login(visit)).rejects.toThrow('no')
      await expect((await visit.use()).update({ visits: 1 })).rejects.toEqual(conflict)
    })
    expect(lines).toEqual([])
  })
})

describe('a request with the cookie of a session that was ended', () => {
  async function ended() {
    const { app, browser, slow } = await given()
    const old = browser.jar.get('h3')!
    await browser.visit(async ({ use }) => (await use()).clear())
    return { app, browser, slow: (handler: Parameters<typeof slow>[0]) => slow(handler, { cookie: `h3=${old}` }) }
  }

  it('creates a new session with a write', async () => {
    const { browser, slow } = await ended()
    expect((await slow(async ({ use }) => (await use()).update({ visits: 1 }))).lines).toHaveLength(1)
    expect(await browser.data()).toEqual({ visits: 1 })
  })

  it('sends nothing with clear(), unless it created a session', async () => {
    const { app, slow } = await ended()
    expect((await slow(async ({ use }) => (await use()).clear())).lines).toEqual([])
    expect((await slow(async ({ use }) => (await (await use()).update({ visits: 1 })).clear())).lines).toEqual(REMOVAL)
    expect(liveRecords(app)).toEqual([])
  })
})

describe('a request whose session ends in the meantime', () => {
  /** A request reads its session and writes it with a cookie. Then `meanwhile` runs, and `late` in the request. */
  async function during(meanwhile: (app: TestApp, browser: TestBrowser) => Promise<unknown>, late: (session: Session) => Promise<unknown>) {
    const app = storedApp({ idleTimeout: 60 })
    const browser = app.browser()
    await browser.visit(login)
    const cookie = browser.jar.header(app.env.time)
    const { lines } = await app.browser().visit(async ({ use }) => {
      const session = await use()
      await session.update({ seen: 1 })
      await meanwhile(app, browser)
      await late(session)
    }, { cookie })
    return { app, browser, lines }
  }

  const newId = (_: TestApp, browser: TestBrowser) => browser.visit(visit => login(visit, 'bob'))
  const ENDS: Record<string, typeof newId> = {
    'by a new id': newId,
    'by a logout and a new login': async (_, browser) => {
      await browser.visit(async ({ use }) => (await use()).clear())
      return browser.visit(visit => login(visit, 'bob'))
    },
    'by its handle, before a new login': async (app, browser) => {
      await revoke(await placeOf(app), (await browser.visit(async ({ use }) => (await use()).handle)).result!)
      return browser.visit(visit => login(visit, 'bob'))
    },
    'with all of its user\'s, before a new login': async (app, browser) => {
      await revokeUser(await placeOf(app), 'ada', undefined)
      return browser.visit(visit => login(visit, 'bob'))
    },
  }

  it.each(Object.entries(ENDS))('%s sends nothing with clear()', async (_, meanwhile) => {
    const { app, browser, lines } = await during(meanwhile, session => session.clear())
    expect([lines, await userOf(browser), liveRecords(app).length]).toEqual([[], 'bob', 1])
  })

  it.each(Object.entries(ENDS))('%s removes its cookie when a write throws', async (_, meanwhile) => {
    const { lines, browser } = await during(meanwhile, session => expect(session.update({ more: 1 })).rejects.toEqual(conflict))
    expect([lines, await userOf(browser)]).toEqual([[], 'bob'])
  })

  it('by a new id creates no other one after its clear()', async () => {
    const { app, lines } = await during(newId, session =>
      Promise.all([session.clear(), expect(session.update({ more: 1 })).rejects.toEqual(conflict)]))
    expect([lines, liveRecords(app).length]).toEqual([[], 1])
  })

  it('by a new id of the same login: clear() ends that one too', async () => {
    const rotate = (_: TestApp, browser: TestBrowser) => browser.visit(async ({ use }) => (await use()).regenerate())
    const { app, browser, lines } = await during(rotate, session => session.clear())
    expect([lines, await userOf(browser), liveRecords(app)]).toEqual([[], undefined, []])
  })

  it('by several new ids of the same login: clear() ends the last one too', async () => {
    const rotate = async (_: TestApp, browser: TestBrowser) => {
      for (let times = 0; times < 3; times++) await browser.visit(async ({ use }) => (await use()).regenerate())
    }
    const { app, lines } = await during(rotate, session => session.clear())
    expect([lines, liveRecords(app)]).toEqual([[], []])
  })

  it('by its migration to the store sends nothing with clear()', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(login)
    Object.assign(app.config, { storage: 'session', migrateUntil: new Date(app.env.time + 1e9) })
    const headers = { 'x-h3-session': browser.jar.get('h3')! }
    const { lines, transport } = await app.browser().visit(async ({ open }) => {
      const session = await open()
      await browser.visit(({ use }) => use())
      await session.clear()
    }, { headers })
    expect([lines, transport.responseHeaders, await userOf(browser)]).toEqual([[], {}, 'ada'])
  })
})

describe('a session that got a new id without a new login', () => {
  async function rotated() {
    const app = storedApp()
    const browser = app.browser()
    await browser.visit(login)
    const [old, { result: handle }] = [browser.jar.get('h3')!, await browser.visit(async ({ use }) => (await use()).handle!)]
    await browser.visit(async ({ use }) => (await use()).regenerate())
    return { app, browser, old, handle: handle! }
  }

  it('ends by clear() in a request that still has the old cookie, and no cookie is sent', async () => {
    const { app, browser, old } = await rotated()
    const { lines } = await browser.visit(async ({ use }) => (await use()).clear(), { cookie: `h3=${old}` })
    expect([lines, liveRecords(app), await userOf(browser)]).toEqual([[], [], undefined])
  })

  it('stays if that request only reads', async () => {
    const { browser, old } = await rotated()
    const { lines, result } = await browser.visit(async ({ use }) => ({ ...(await use()).data }), { cookie: `h3=${old}` })
    expect([lines, result, await userOf(browser)]).toEqual([[], {}, 'ada'])
  })

  it('is revoked by its old handle', async () => {
    const { app, browser, handle } = await rotated()
    expect(await revoke(await placeOf(app), handle)).toBe(true)
    expect([await userOf(browser), await revoke(await placeOf(app), handle)]).toEqual([undefined, false])
  })
})

describe('without a store', () => {
  it('every clear() removes the cookie', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await write(browser, { a: 1 })
    const old = browser.jar.get('h3')
    await browser.visit(login)
    expect((await browser.visit(async ({ use }) => (await use()).clear(), { cookie: `h3=${old}` })).lines).toEqual(REMOVAL)
  })
})
