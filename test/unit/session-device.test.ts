import { describe, expect, it } from 'vitest'
import { list, administratedStore } from '../../src/runtime/core/session/administration'
import { SessionError } from '../../src/runtime/core/model/errors'
import { decode } from '../../src/runtime/core/store/record'
import { DeviceKey, readChallenge, readRegistration } from '../support/device-key'
import { ask, boundApp, DeviceBrowser, IDENTIFIER, nameIn, NOBODY, steal } from './support/device'
import { itemsOf, liveRecords, storedApp, write } from './support/stored'

const BOUND = { userId: 'ada', deviceBound: true }
const UNBOUND = { userId: 'ada', deviceBound: false }
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax'

async function bound(app = boundApp()) {
  const browser = await DeviceBrowser.create(app)
  await browser.bind()
  return { app, browser }
}

describe('a login', () => {
  it('asks the browser to register a key', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { transport } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    const offer = readRegistration(transport.responseHeaders['secure-session-registration'])
    expect(offer).toEqual({ path: '/api/_session/device/register', challenge: expect.stringMatching(/^Fe26\.2\*\*/) })
    expect(await browser.see()).toEqual(UNBOUND)
  })

  it('asks nothing if the option is off, and no other write asks', async () => {
    const browser = await DeviceBrowser.create(storedApp())
    expect(await browser.offer()).toBeUndefined()
    const other = await DeviceBrowser.create(boundApp())
    const { transport } = await write(other.browser, { a: 1 })
    expect(transport.responseHeaders['secure-session-registration']).toBeUndefined()
    expect(await other.offer({ data: { b: 1 } })).toBeUndefined()
  })

  it('names a session that is not the default one, and the base of the app', async () => {
    const app = boundApp({ named: { admin: {} } })
    app.env.basePath = '/base'
    const browser = await DeviceBrowser.create(app)
    expect((await browser.offer({ userId: 'ada' }, { name: 'admin' }))?.path).toBe('/base/api/_session/device/register?name=admin')
  })
})

describe('a registration', () => {
  it('binds the session, and sends the proof and instructions with the same attributes', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { status, body, transport } = await browser.bind()
    expect(status).toBe(200)
    expect(body).toEqual({
      session_identifier: IDENTIFIER,
      refresh_url: expect.stringMatching(/^\/api\/_session\/device\/refresh\?session=Fe26\.2\*\*/),
      scope: { include_site: false, scope_specification: [] },
      credentials: [{ type: 'cookie', name: 'h3-device', attributes: ATTRIBUTES }],
      allowed_refresh_initiators: ['*'],
    })
    expect(transport.setCookies()).toEqual([expect.stringMatching(/^h3-device=Fe26\.2\*\*[^;]+; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Lax$/)])
    expect(readChallenge(transport.responseHeaders['secure-session-challenge'])?.id).toBe(IDENTIFIER)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('keeps the public key in the record, and says so in lists', async () => {
    const { app, browser } = await bound()
    expect(liveRecords(app)).toMatchObject([{ userId: 'ada', device: { x: browser.key.jwk.x, y: browser.key.jwk.y, at: app.env.time } }])
    await (await DeviceBrowser.create(app)).offer()
    const { sessions } = await list(await administratedStore(app.env, app.resolve(), 'listSessions'), { userId: 'ada' })
    expect(sessions.map(({ deviceBound }) => deviceBound).toSorted()).toEqual([false, true])
  })

  it('wins once if two come at the same time', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const other = await DeviceKey.create()
    const { cookie } = browser
    const tokens = await Promise.all([browser.key, other].map(key => key.registration(challenge)))
    const answers = await Promise.all(tokens.map(token => ask(browser.app, 'register', token, { cookie })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403])
    expect(answers.find(({ status }) => status === 403)).toMatchObject({ reason: 'replayed' })
  })

  it('survives concurrent updates of the session', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const token = await browser.key.registration(challenge)
    await browser.visit(async ({ use }) => {
      const session = await use()
      await browser.send('register', token)
      await session.update({ a: 1 })
    })
    expect(liveRecords(browser.app)).toMatchObject([{ data: { a: 1 }, device: { x: browser.key.jwk.x } }])
  })

  it('without any cookie is of the session that its challenge names', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const token = await browser.key.registration(challenge)
    expect(await ask(browser.app, 'register', token, { cookie: 'h3=forged' })).toMatchObject({ status: 403, reason: 'session' })
    expect((await browser.send('register', token, { cookie: '' })).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('is refused after five minutes', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    browser.app.pass(301)
    expect(await browser.send('register', await browser.key.registration(challenge))).toMatchObject({ status: 403, reason: 'challenge' })
    expect(await browser.see()).toEqual(UNBOUND)
  })
})

describe('a bound session', () => {
  it('is no session without its proof, silently, until the next proof', async () => {
    const { app, browser } = await bound(boundApp({ saveUninitialized: true }))
    app.pass(300)
    const before = new Map(itemsOf(app))
    app.env.takeCalls()
    const { lines, transport } = await browser.visit(async ({ use }) => (await use()).data)
    expect(lines).toEqual([])
    expect(transport.responseHeaders).toEqual({})
    expect(app.env.reasons).toEqual(['unproven'])
    expect(itemsOf(app)).toEqual(before)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('is proven for the configured seconds', async () => {
    const { app, browser } = await bound(boundApp({ deviceBound: { lifetime: 60 } }))
    const { cookie } = browser
    app.pass(59)
    expect(await (await steal(app, cookie)).see()).toEqual(BOUND)
    app.pass(1)
    expect(await (await steal(app, cookie)).see()).toEqual(NOBODY)
  })

  it('is not proven by the proof of another session, of another key, or of another name', async () => {
    const { app, browser } = await bound()
    const other = await DeviceBrowser.create(app)
    await other.bind({ userId: 'eve' })
    const thief = await steal(app, browser.cookie)
    thief.jar.set('h3-device', other.jar.get('h3-device')!)
    expect(await thief.see()).toEqual(NOBODY)
    thief.jar.set('h3-device', browser.jar.get('h3')!)
    expect(await thief.see()).toEqual(NOBODY)
    thief.jar.set('h3-device', browser.challenge!)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it('is not proven in a header', async () => {
    const { browser } = await bound()
    const { result } = await browser.visit(async ({ open }) => (await open()).userId, { headers: { 'x-h3-session': browser.jar.get('h3')! } })
    expect(result).toBeUndefined()
  })

  it('is no session on a socket after the end of the proof with which it was opened', async () => {
    const { app, browser } = await bound()
    const socket = { cookie: browser.cookie, writeRefusal: 'readonly' } as const
    expect((await browser.visit(async ({ open }) => (await open()).userId, socket)).result).toBe('ada')
    app.pass(300)
    expect((await browser.visit(async ({ open }) => (await open()).userId, socket)).result).toBeUndefined()
  })

  it('stays bound after the option was switched off, and can still be proven', async () => {
    const { app, browser } = await bound()
    const { cookie } = browser
    app.config.deviceBound = false
    expect(await browser.see()).toEqual(BOUND)
    app.pass(300)
    expect(await (await steal(app, cookie)).see()).toEqual(NOBODY)
    await browser.refresh()
    expect(await browser.see()).toEqual(BOUND)
  })

  it('is proven again after a rotation of the password', async () => {
    const { app, browser } = await bound()
    app.config.password = ['a new password of the tests, 32 characters long', app.config.password as string]
    expect(await browser.see()).toEqual(BOUND)
    app.pass(300)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('is proven again after a week of sleep, if it has not ended by then', async () => {
    const { app, browser } = await bound()
    app.pass(7 * 86_400)
    expect(await browser.see()).toEqual(NOBODY)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
    app.pass(31 * 86_400)
    const { status, body } = await browser.refresh()
    expect([status, body]).toEqual([200, { session_identifier: IDENTIFIER, continue: false }])
  })
})

it.each([true, false])('a response with a session that is bound: %s, is not kept by a cache, which would serve it without the proof', async (isBound) => {
  const browser = await DeviceBrowser.create(boundApp())
  await (isBound ? browser.bind() : browser.offer())
  if (!isBound) browser.app.pass(300)
  const { transport } = await browser.visit(async ({ open }) => (await open()).userId, { cachedBy: ['cookie'] })
  expect(transport.cache?.isForbidden).toBe(isBound)
})

describe('a refresh', () => {
  it('without a token gets a challenge, and writes nothing', async () => {
    const { app, browser } = await bound()
    const before = new Map(itemsOf(app))
    const { status, body, transport } = await browser.send('refresh', undefined)
    expect([status, body, transport.setCookies()]).toEqual([403, undefined, []])
    expect(itemsOf(app)).toEqual(before)
    expect((await browser.send('refresh', await browser.key.refresh(browser.challenge!))).status).toBe(200)
  })

  it('uses a challenge once, and those before it never', async () => {
    const { browser } = await bound()
    const first = await browser.key.refresh(browser.challenge!)
    const { cookie } = browser
    const answers = await Promise.all([1, 2, 3].map(() => ask(browser.app, 'refresh', first, { cookie })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403, 403])
    expect(await browser.send('refresh', first)).toMatchObject({ status: 403, reason: 'replayed' })
  })

  it('of a browser on another server, whose clock is behind, works', async () => {
    const { app, browser } = await bound()
    await browser.refresh()
    app.pass(-30)
    for (const _ of [1, 2, 3]) expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('by another key is refused, with or without a jwk', async () => {
    const { browser } = await bound()
    const other = await DeviceKey.create()
    expect(await browser.send('refresh', await other.refresh(browser.challenge!))).toMatchObject({ status: 403, reason: 'signature' })
    expect(await browser.send('refresh', await other.registration(browser.challenge!))).toMatchObject({ status: 403, reason: 'bound' })
    const swapped = await browser.key.token({ header: { jwk: other.jwk }, payload: { jti: browser.challenge } })
    expect(await browser.send('refresh', swapped)).toMatchObject({ status: 403, reason: 'bound' })
    expect((await browser.send('refresh', await browser.key.registration(browser.challenge!))).status).toBe(200)
  })

  it('is found by its URL if the browser leaves out the cookie', async () => {
    const { app, browser } = await bound()
    app.pass(86_400)
    expect((await browser.send('refresh', await browser.key.refresh(browser.challenge!), { cookie: '' })).status).toBe(403)
    expect((await browser.send('refresh', await browser.key.refresh(browser.challenge!), { cookie: '' })).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it.each([
    ['after logout', async ({ visit }: DeviceBrowser) => { await visit(async ({ use }) => (await use()).clear()) }],
    ['without any cookie and its URL', async (browser: DeviceBrowser) => {
      browser.named = undefined
      for (const name of browser.jar.names) browser.jar.set(name, '')
    }],
    ['after an administrator ended it', async ({ app, cookie, browser }: DeviceBrowser) => {
      const { result } = await browser.visit(async ({ open }) => (await open()).handle, { cookie })
      await app.env.storeOf(app.resolve()).destroy(result!, { reason: 'revoked', until: app.env.time + 1000 })
    }],
  ])('%s ends the binding in the browser', async (_, end) => {
    const { browser } = await bound()
    await end(browser)
    const { status, body } = await browser.send('refresh', undefined)
    expect([status, body]).toEqual([200, { session_identifier: IDENTIFIER, continue: false }])
  })

  it('that crosses a new id is asked again later', async () => {
    const { browser } = await bound()
    const { cookie } = browser
    await browser.offer({ data: { a: 1 } })
    expect((await ask(browser.app, 'refresh', undefined, { cookie })).status).toBe(503)
  })

  it('that other writes have overtaken is asked again later, because 409 would end the binding in the browser', async () => {
    const { app, browser } = await bound()
    const { env } = app
    const persistenceOf = env.persistenceOf.bind(env)
    env.persistenceOf = (config) => {
      const persistence = persistenceOf(config)
      const update = () => Promise.reject(new SessionError('SESSION_CONFLICT', 'too many conflicts.'))
      return { ...persistence, store: Object.assign(Object.create(persistence.store), { update }) }
    }
    expect((await browser.refresh()).status).toBe(503)
    env.persistenceOf = persistenceOf
    expect((await browser.refresh()).status).toBe(200)
  })

  it('of a session before a new login, whose registration is under way, is asked again later', async () => {
    const { app, browser } = await bound()
    await browser.offer({ userId: 'eve' })
    expect((await browser.send('refresh', undefined)).status).toBe(503)
    app.pass(300)
    expect(await browser.send('refresh', undefined)).toMatchObject({ status: 200, body: { continue: false } })
  })
})

describe('a request that the browser sent before it had the answer of its registration', () => {
  it.each(['eve', 'ada'])('to renew the session before, by its key, after a login of %s, is asked again later, because a new challenge would be signed by that key too', async (userId) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const before = nameIn(await browser.bind({ userId: 'ada' }))
    const late = await browser.key.refresh(browser.challenge!)
    browser.key = await DeviceKey.create()
    const after = nameIn(await browser.bind({ userId }))
    const renew = async (token: string | undefined, named?: string) => {
      const { status, transport: { responseHeaders, setCookies } } = await ask(app, 'refresh', token, { cookie: browser.cookie }, undefined, named)
      return [status, Object.keys(responseHeaders), setCookies()]
    }
    for (const token of [late, undefined]) expect(await renew(token, before)).toEqual([503, [], []])
    for (const named of [after, undefined, 'Fe26.2*hostile']) expect(await renew(late, named)).toEqual([403, ['secure-session-challenge'], []])
    // Not for longer than a registration takes.
    app.pass(300)
    expect(await renew(undefined, before)).toEqual([403, ['secure-session-challenge'], []])
    expect((await browser.refresh()).status).toBe(200)
  })

  it('has the session, but has proven no key', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const { cookie } = browser
    await browser.send('register', await browser.key.registration(challenge))
    expect(await browser.see({ cookie })).toEqual(UNBOUND)
    expect(await browser.see()).toEqual(BOUND)
    browser.app.pass(60)
    expect(await browser.see({ cookie })).toEqual(NOBODY)
  })

  it('is of a proven key, if it was proven before the new login of the user, until the end of that proof', async () => {
    const { app, browser } = await bound()
    app.pass(10)
    const { challenge } = (await browser.offer({ userId: 'ada' }))!
    const { cookie } = browser
    browser.key = await DeviceKey.create()
    await browser.send('register', await browser.key.registration(challenge))
    expect(await browser.see({ cookie })).toEqual(BOUND)
    app.pass(290)
    expect(await browser.see({ cookie })).toEqual(NOBODY)
  })

  it('keeps the end of its proof with a new id', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const { cookie } = browser
    await browser.send('register', await browser.key.registration(challenge))
    const { lines } = await browser.visit(async ({ use }) => (await use()).regenerate(), { cookie })
    expect(lines.find(line => line.startsWith('h3-device='))).toMatch(/; Max-Age=60;/)
    expect(await browser.see()).toEqual(UNBOUND)
    browser.app.pass(60)
    expect(await browser.see()).toEqual(NOBODY)
    await browser.refresh()
    expect(await browser.see()).toEqual(BOUND)
  })
})

describe('regenerate', () => {
  it('without a user keeps the key, and the proof until its end', async () => {
    const { app, browser } = await bound()
    app.pass(100)
    const { lines } = await browser.visit(async ({ use }) => (await use()).regenerate({ data: { role: 'admin' } }))
    expect(lines.find(line => line.startsWith('h3-device='))).toMatch(/; Max-Age=200;/)
    expect(await browser.see()).toEqual(BOUND)
    const { cookie } = browser
    app.pass(200)
    expect(await (await steal(app, cookie)).see()).toEqual(NOBODY)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('in a request that began before the registration removes the proof, so that the browser renews it', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const token = await browser.key.registration((await browser.offer())!.challenge)
    const { lines } = await browser.visit(async ({ use }) => {
      const session = await use()
      await browser.send('register', token)
      await session.regenerate()
    }, { cookie: `${browser.cookie}; h3-device=old` })
    expect(lines.find(line => line.startsWith('h3-device='))).toMatch(/; Max-Age=0;/)
    expect(app.env.reasons).toEqual([])
    expect(await browser.see()).toEqual(NOBODY)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('for the same user stays bound, and lets the browser register a new key', async () => {
    const { app, browser } = await bound()
    app.pass(10)
    const { challenge } = (await browser.offer({ userId: 'ada' }))!
    expect(await browser.see()).toEqual(BOUND)
    const old = browser.key
    browser.key = await DeviceKey.create()
    const token = await browser.key.registration(challenge)
    expect((await browser.send('register', token)).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
    expect(await browser.send('register', await old.registration(challenge))).toMatchObject({ status: 403, reason: 'replayed' })
    expect(await browser.send('refresh', await old.refresh(browser.challenge!))).toMatchObject({ status: 403, reason: 'signature' })
    expect((await browser.refresh()).status).toBe(200)
  })

  it('for the same user keeps the old key if the browser registers none', async () => {
    const { app, browser } = await bound()
    await browser.offer({ userId: 'ada' })
    app.pass(300)
    expect(await browser.see()).toEqual(NOBODY)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('for the same user without a new login lets nobody replace the key', async () => {
    const { browser } = await bound()
    expect(await browser.offer({ userId: 'ada', authenticatedAt: 0 })).toBeUndefined()
    expect(await browser.see()).toEqual(BOUND)
    expect((await browser.refresh()).status).toBe(200)
  })

  it('for another user begins unbound, with a registration of its own', async () => {
    const { browser } = await bound()
    const { challenge } = (await browser.offer({ userId: 'eve' }))!
    expect(await browser.see()).toEqual({ userId: 'eve', deviceBound: false })
    browser.key = await DeviceKey.create()
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
    expect(await browser.see()).toEqual({ userId: 'eve', deviceBound: true })
  })
})

it('clear removes the session, its proof and its record', async () => {
  const { app, browser } = await bound()
  const { lines } = await browser.visit(async ({ use }) => (await use()).clear())
  expect(lines.map(line => line.split('=', 1)[0]).toSorted()).toEqual(['h3', 'h3-device'])
  expect(lines.find(line => line.startsWith('h3-device='))).toMatch(`h3-device=; Max-Age=0; ${ATTRIBUTES}`)
  expect(browser.jar.names).toEqual([])
  expect(liveRecords(app)).toEqual([])
})

it('clear in the request of the login leaves no proof', async () => {
  const browser = await DeviceBrowser.create(boundApp())
  const { lines } = await browser.visit(async ({ use }) => {
    const session = await use()
    await session.regenerate({ userId: 'ada' })
    await session.clear()
  })
  expect(lines.find(line => line.startsWith('h3-device='))).toMatch(`h3-device=; Max-Age=0; ${ATTRIBUTES}`)
  expect(browser.jar.names).toEqual([])
})

it('a new login after a lost key works', async () => {
  const { app, browser } = await bound()
  app.pass(300)
  browser.key = await DeviceKey.create()
  expect(await browser.see()).toEqual(NOBODY)
  await browser.bind()
  expect(await browser.see()).toEqual(BOUND)
})

describe('a thief with the cookies', () => {
  it('of the time before the registration has nothing after it', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    const ofSession = await steal(app, browser.cookie.split('; ').find(pair => pair.startsWith('h3='))!)
    expect(await thief.see()).toEqual(UNBOUND)
    await browser.send('register', await browser.key.registration(challenge))
    expect(await ofSession.see()).toEqual(NOBODY)
    expect(await thief.see(), 'the login\'s proof is for requests that are under way').toEqual(UNBOUND)
    app.pass(60)
    expect(await thief.see()).toEqual(NOBODY)
    expect(await thief.send('register', await thief.key.registration(challenge))).toMatchObject({ status: 403, reason: 'replayed' })
    await thief.send('refresh', undefined)
    expect((await thief.send('refresh', await thief.key.refresh(thief.challenge!))).status).toBe(403)
    expect(await thief.see()).toEqual(NOBODY)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('and the proof has nothing after its end, whatever he called before', async () => {
    const { app, browser } = await bound()
    const thief = await steal(app, browser.cookie)
    expect(await thief.see()).toEqual(BOUND)
    await thief.offer({ data: { a: 1 } })
    expect(await thief.see()).toEqual(BOUND)
    app.pass(300)
    expect(await thief.see()).toEqual(NOBODY)
    await thief.send('refresh', undefined)
    expect((await thief.send('refresh', await thief.key.refresh(thief.challenge!))).status).toBe(403)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it.each([0, 1])('cannot register the challenge of his own session for it, of a login %i s later', async (seconds) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    await browser.offer()
    const { cookie } = browser
    app.pass(seconds)
    const thief = await DeviceBrowser.create(app)
    const { challenge } = (await thief.offer({ userId: 'eve' }))!
    const answer = await ask(app, 'register', await thief.key.registration(challenge), { cookie })
    expect(answer).toMatchObject({ status: 403, reason: 'challenge' })
    expect(await browser.see()).toEqual(UNBOUND)
  })

  it('cannot bind an unbound session without its challenge', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await DeviceBrowser.create(app)
    await thief.bind({ userId: 'eve' })
    for (const stolen of [thief.challenge!, 'guessed', browser.jar.get('h3')!]) {
      const answer = await ask(app, 'register', await thief.key.registration(stolen), { cookie: browser.cookie })
      expect(answer).toMatchObject({ status: 403, reason: 'challenge' })
    }
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
  })
})

it('a record whose key is damaged is no session', () => {
  const record = { v: 1, lastSeenAt: 1, expiresAt: 2, createdAt: 1, data: {} }
  expect(decode(JSON.stringify({ ...record, device: { x: 'a', y: 'b', at: 1 } }))).toEqual({ malformed: true })
})
