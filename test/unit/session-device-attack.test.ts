import { describe, expect, it, vi } from 'vitest'
import type { SessionManager } from '../../src/runtime/core/model/types'
import { ask, boundApp, DeviceBrowser, es256, IDENTIFIER, nameIn, NOBODY, steal } from './support/device'
import type { TestApp } from './support/app'
import { itemsOf, liveKeys, recordsOf } from './support/stored'
import { DeviceKey, readChallenge, readRegistration } from '../support/device-key'
import { OverloadError } from '../../src/runtime/core/seal/keys'
import { openSealed } from '../../src/runtime/core/session/persistence/modes'

const BOUND = { userId: 'ada', deviceBound: true }
const UNBOUND = { userId: 'ada', deviceBound: false }

async function bound(app = boundApp()) {
  const browser = await DeviceBrowser.create(app)
  await browser.bind()
  return { app, browser }
}

const sessionPair = (cookie: string) => cookie.split('; ').find(pair => pair.startsWith('h3='))!

describe('a bound session', () => {
  it('a renewal whose answer arrives after that of regenerate() keeps the session', async () => {
    const { app, browser } = await bound()
    app.pass(200)
    // The server answers the renewal first, but the browser gets this answer last.
    const late = await ask(app, 'refresh', await browser.key.refresh(browser.challenge!), { cookie: browser.cookie })
    expect(late.status).toBe(200)
    await browser.offer({ data: { role: 'admin' } })
    browser.jar.receive(late.transport.setCookies(), app.env.time)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('a login by a header offers no registration, because a bound session cannot be used by a header', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    const token = browser.jar.get('h3')!
    const { transport } = await app.browser().visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }), { headers: { 'x-h3-session': token } })
    const next = transport.responseHeaders['x-h3-session']!
    const offer = readRegistration(transport.responseHeaders['secure-session-registration'])
    if (offer) await ask(app, 'register', await browser.key.registration(offer.challenge))
    const { result } = await app.browser().visit(async ({ open }) => (await open()).userId, { headers: { 'x-h3-session': next } })
    expect(result).toBe('ada')
    expect(offer).toBeUndefined()
  })

  it('the response to an unproven request is not kept by a cache, which would serve it after the next proof', async () => {
    const { app, browser } = await bound()
    app.pass(300)
    const { transport } = await browser.visit(async ({ open }) => (await open()).userId, { cachedBy: ['cookie'] })
    expect(transport.cache?.isForbidden).toBe(true)
  })

  it('a flood in which challenges are not checked ends no binding, and refuses no registration', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const registration = await browser.key.registration((await browser.offer())!.challenge)
    const config = app.resolve()
    vi.spyOn(app, 'resolve').mockReturnValue(config)
    const flood = () => vi.spyOn(config.openers[0]!.codec, 'open').mockRejectedValue(new OverloadError())
    const first = flood()
    expect(await browser.send('register', registration, { cookie: '' })).toMatchObject({ status: 503, outcome: 'retry' })
    first.mockRestore()
    expect((await browser.send('register', registration)).status).toBe(200)
    const renewal = await browser.key.refresh(browser.challenge!)
    const second = flood()
    expect(await browser.send('refresh', renewal, { cookie: '' })).toMatchObject({ status: 503, outcome: 'retry', reason: 'overloaded' })
    second.mockRestore()
    expect((await browser.send('refresh', renewal)).status).toBe(200)
  })

  it('a response that logs in to two sessions offers both their registration', async () => {
    const browser = await DeviceBrowser.create(boundApp({ named: { admin: {} } }))
    const { transport } = await browser.visit(async ({ use }) => {
      await (await use()).regenerate({ userId: 'ada' })
      await (await use({ name: 'admin' })).regenerate({ userId: 'ada' })
    })
    const offers = transport.responseHeaders['secure-session-registration']!.split(', ').map(readRegistration)
    expect(offers.map(offer => offer!.path)).toEqual(['/api/_session/device/register', '/api/_session/device/register?name=admin'])
    expect((await browser.send('register', await browser.key.registration(offers[0]!.challenge))).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it('a login with a second new id in the same request offers a registration that works', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { transport } = await browser.visit(async ({ use }) => {
      const session = await use()
      await session.regenerate({ userId: 'ada' })
      await session.regenerate({ data: { role: 'admin' } })
    })
    const offer = readRegistration(transport.responseHeaders['secure-session-registration'])
    expect(await browser.send('register', await browser.key.registration(offer!.challenge))).toMatchObject({ status: 200 })
    expect(await browser.see()).toEqual(BOUND)
  })

  it('a login whose headers go out before its proof is sealed offers no registration, and does not fail', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    const store = app.env.storeOf(app.resolve())
    const { transport } = await browser.visit(async ({ use, transport }) => {
      const session = await use()
      const destroy = store.destroy.bind(store)
      vi.spyOn(store, 'destroy').mockImplementation(async (...args) => {
        const outcome = await destroy(...args)
        transport.refusal = 'headers-sent'
        return outcome
      })
      await session.regenerate({ userId: 'ada' })
    })
    expect(transport.setCookies()).toEqual([expect.stringMatching(/^h3=Fe26/)])
    expect(transport.responseHeaders).not.toHaveProperty('secure-session-registration')
    expect(await browser.see()).toEqual(UNBOUND)
  })

  it('a response of the time between login and registration is not kept by a cache', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    await browser.offer()
    const { transport } = await browser.visit(async ({ open }) => (await open()).userId, { cachedBy: ['cookie'] })
    expect(transport.cache?.isForbidden).toBe(true)
  })

  it('a renewal without a challenge and without cookies, as for a link on another site after a restart of the browser, does not end the binding', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const named = nameIn(await browser.bind())
    app.pass(86_400)
    // Chromium does not keep the challenge over a restart, and leaves out cookies with SameSite.
    const request = { cookie: '', headers: { 'sec-secure-session-id': 'h3@app.example' } }
    const asked = await ask(app, 'refresh', undefined, request, undefined, named)
    expect([asked.status, asked.body]).toEqual([403, undefined])
    const { challenge } = readChallenge(asked.transport.responseHeaders['secure-session-challenge'])!
    expect((await ask(app, 'refresh', await (await DeviceKey.create()).refresh(challenge), request, undefined, named)).status).toBe(403)
    const answer = await ask(app, 'refresh', await browser.key.refresh(challenge), request, undefined, named)
    expect(answer.status).toBe(200)
    browser.jar.receive(answer.transport.setCookies(), app.env.time)
    expect(await browser.see()).toEqual(BOUND)
    await browser.visit(async ({ use }) => (await use()).clear())
    expect((await ask(app, 'refresh', undefined, request, undefined, named)).body).toMatchObject({ continue: false })
  })

  it.each([
    ['at once', 0, 'with'], ['two hours later', 2 * 3600, 'with'], ['after a restart of the browser', 86_400, 'without'],
  ] as const)('a renewal with the URL of an earlier id and without cookies, %s, does not end the binding', async (_, seconds, isWithChallenge) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const named = nameIn(await browser.bind())
    const { challenge } = browser
    for (let i = 0; i < 6; i++) await browser.offer({ data: { i } })
    app.pass(seconds)
    await app.env.storeOf(app.resolve()).sweep(1000)
    const token = isWithChallenge === 'with' ? await browser.key.refresh(challenge!) : undefined
    const asked = await ask(app, 'refresh', token, { cookie: '' }, undefined, named)
    expect([asked.status, asked.body, asked.transport.setCookies()]).toEqual([403, undefined, []])
    const { challenge: next } = readChallenge(asked.transport.responseHeaders['secure-session-challenge'])!
    const thief = await DeviceKey.create()
    expect((await ask(app, 'refresh', await thief.refresh(next), { cookie: '' }, undefined, named)).status).toBe(403)
    const answer = await ask(app, 'refresh', await browser.key.refresh(next), { cookie: '' }, undefined, named)
    expect(answer.status).toBe(200)
    browser.jar.receive(answer.transport.setCookies(), app.env.time)
    expect(await browser.see()).toEqual(BOUND)
    expect(nameIn(answer)).not.toBe(named)
    await browser.visit(async ({ use }) => (await use()).clear())
    expect((await ask(app, 'refresh', undefined, { cookie: '' }, undefined, nameIn(answer))).body).toMatchObject({ continue: false })
  })

  it('a renewal with the URL of an earlier id and without cookies searches 20 sessions of the user, since the URL is enough to ask for it', async () => {
    const app = boundApp()
    const named: string[] = []
    for (let i = 0; i < 25; i++) {
      const browser = await DeviceBrowser.create(app)
      named.push(nameIn(await browser.bind()))
      await browser.offer({ data: { i } })
    }
    app.pass(2 * 3600)
    await app.env.storeOf(app.resolve()).sweep(1000)
    const { entries } = await app.env.storeOf(app.resolve()).list({ userId: 'ada', limit: 20 })
    const searched = new Set(entries.map(({ record }) => record.data.i))
    expect(searched.size).toBe(20)
    for (const [i, name] of named.entries()) {
      const { status, body } = await ask(app, 'refresh', undefined, { cookie: '' }, undefined, name)
      expect([i, status, body], 'a session that was not searched may be alive').toEqual([i, searched.has(i) ? 403 : 503, undefined])
    }
    for (const { key } of entries) await app.env.storeOf(app.resolve()).destroy(key, { reason: 'revoked', until: app.env.time + 1 })
    app.pass(2)
    const [ended] = [...searched] as [number]
    const answer = await ask(app, 'refresh', undefined, { cookie: '' }, undefined, named[ended])
    expect(answer.body, 'all others were searched').toEqual({ session_identifier: IDENTIFIER, continue: false })
  })

  it('a renewal with the URL of an earlier id of a user with a very long id does not end the binding', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const named = nameIn(await browser.bind({ userId: 'a'.repeat(257) }))
    await browser.visit(async ({ use }) => (await use()).regenerate())
    app.pass(2 * 3600)
    await app.env.storeOf(app.resolve()).sweep(1000)
    expect(await ask(app, 'refresh', undefined, { cookie: '' }, undefined, named)).toMatchObject({ status: 503, body: undefined })
  })

  it.each<[string, (app: TestApp) => Promise<string>]>([
    ['forged', async () => 'h3=forged'],
    ['without its chunks', async () => 'h3=__chunked__2'],
    ['of another session that has ended', async (app) => {
      const other = app.browser()
      await other.visit(async ({ use }) => (await use()).regenerate({ userId: 'eve' }))
      const cookie = other.jar.header(app.env.time)
      await other.visit(async ({ use }) => (await use()).clear())
      return cookie
    }],
    ['of another session', async (app) => {
      const other = app.browser()
      await other.visit(async ({ use }) => (await use()).regenerate({ userId: 'eve' }))
      app.pass(600)
      return other.jar.header(app.env.time)
    }],
    ['of a session with another key', async (app) => {
      const other = await DeviceBrowser.create(app)
      await other.bind({ userId: 'eve' })
      return other.cookie
    }],
    ['of another session whose id was replaced', async (app) => {
      const other = app.browser()
      await other.visit(async ({ use }) => (await use()).regenerate({ userId: 'eve' }))
      const cookie = other.jar.header(app.env.time)
      await other.visit(async ({ use }) => (await use()).regenerate())
      return cookie
    }],
  ])('a renewal with a cookie that is %s, which another host of the site may set, goes by its URL', async (_, make) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    await browser.bind()
    const cookie = await make(app)
    expect(await browser.send('refresh', undefined, { cookie })).toMatchObject({ status: 403, outcome: 'challenged' })
    expect(await browser.send('refresh', await browser.key.refresh(browser.challenge!), { cookie })).toMatchObject({ status: 200, outcome: 'refreshed' })
    expect(await browser.see()).toEqual(BOUND)
  })

  it('a login with a replaced id does not end it without its proof', async () => {
    const { app, browser } = await bound()
    const old = sessionPair(browser.cookie)
    await browser.visit(async ({ use }) => (await use()).regenerate())
    await app.browser().visit(async ({ use }) => (await use()).regenerate({ userId: 'eve' }), { cookie: old })
    expect(await browser.see()).toEqual(BOUND)
  })

  it('a renewal with the URL of an earlier id does not end the binding if a list lacks the session that gets a new id meanwhile', async () => {
    const { app, browser } = await bound()
    const named = browser.named!
    await browser.offer({ data: { role: 'admin' } })
    app.pass(2 * 3600)
    const store = app.env.storeOf(app.resolve())
    await store.sweep(1000)
    const list = vi.spyOn(store, 'list').mockResolvedValueOnce({ entries: [], cursor: undefined })
    expect((await ask(app, 'refresh', undefined, {}, undefined, named)).status).toBe(403)
    expect(list).toHaveBeenCalledTimes(2)
    list.mockRestore()
  })

  it.each<[string, (app: ReturnType<typeof boundApp>, browser: DeviceBrowser) => Promise<unknown>]>([
    ['cleared', (_, thief) => thief.visit(async ({ use }) => (await use()).clear())],
    ['revoked', async app => app.env.storeOf(app.resolve()).raiseEpoch('ada')],
    ['removed from the store', async app => liveKeys(app).forEach(key => itemsOf(app).delete(key))],
  ])('a renewal with a replaced id ends the binding if the session was %s since', async (_, end) => {
    const { app, browser } = await bound()
    const cookie = browser.cookie
    await browser.visit(async ({ use }) => (await use()).regenerate())
    expect(await browser.send('refresh', undefined, { cookie: sessionPair(cookie) })).toMatchObject({ outcome: 'challenged' })
    await end(app, browser)
    expect(await browser.send('refresh', undefined, { cookie })).toMatchObject({ status: 200, outcome: 'ended' })
    expect(await ask(app, 'refresh', undefined, { cookie }), 'without the URL').toMatchObject({ status: 200, outcome: 'ended' })
  })

  it('a renewal with an id that a login has replaced ends no binding: neither with the login\'s id, nor with the newest one', async () => {
    const { app, browser } = await bound()
    const earlier = browser.cookie
    await browser.visit(async ({ use }) => (await use()).regenerate())
    const proven = `${sessionPair(earlier)}; ${browser.cookie.split('; ').find(pair => pair.startsWith('h3-device='))}`
    const next = await steal(app, proven)
    expect((await next.bind()).status).toBe(200)
    expect(await browser.see(), 'the newest id has ended').toEqual(NOBODY)
    const { named, cookie: newest } = browser
    const sendAll = () => Promise.all([earlier, newest].flatMap(cookie => [undefined, named].map(named => ask(app, 'refresh', undefined, { cookie }, undefined, named))))
    for (const seconds of [0, 1800]) {
      app.pass(seconds)
      for (const answer of await sendAll()) expect(answer).toMatchObject({ status: 503, outcome: 'retry', body: undefined })
    }
    expect((await next.refresh()).status).toBe(200)
    expect(await next.see()).toEqual(BOUND)
  })

  it('a renewal with the URL of an ended session ends no binding if the record of the cookie cannot be read', async () => {
    const { app, browser } = await bound()
    const named = browser.named!
    await browser.visit(async ({ use }) => (await use()).clear())
    await browser.bind()
    for (const key of liveKeys(app)) itemsOf(app).set(key, '{"half')
    expect(await ask(app, 'refresh', undefined, { cookie: browser.cookie }, undefined, named)).toMatchObject({ status: 503, outcome: 'retry' })
    expect(await ask(app, 'refresh', undefined, {}, undefined, named), 'without the cookie').toMatchObject({ status: 200, outcome: 'ended' })
  })

  it('an ended binding takes its proof with it', async () => {
    const { app, browser } = await bound()
    await app.env.storeOf(app.resolve()).raiseEpoch('ada')
    const { outcome, transport } = await browser.send('refresh', undefined)
    expect([outcome, transport.setCookies()]).toEqual(['ended', [expect.stringMatching(/^h3-device=;.*Max-Age=0/)]])
  })

  it('a renewal does not end the binding if the record cannot be read', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    await browser.bind()
    const items = itemsOf(app)
    const whole = [...items]
    for (const [key] of whole) items.set(key, '{"half')
    for (const cookie of [browser.cookie, '']) expect(await browser.send('refresh', undefined, { cookie })).toMatchObject({ status: 503, outcome: 'retry', body: undefined })
    for (const [key, text] of whole) items.set(key, text)
    expect((await browser.refresh()).status).toBe(200)
  })

  it('a renewal with the URL of a session of another login finds nothing by a key that was replaced', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const named = nameIn(await browser.bind())
    const old = browser.key
    browser.key = await DeviceKey.create()
    await browser.bind()
    app.pass(2 * 3600)
    await app.env.storeOf(app.resolve()).sweep(1000)
    expect((await ask(app, 'refresh', await old.refresh(browser.challenge!), { cookie: '' }, undefined, browser.named)).status).toBe(403)
    expect((await ask(app, 'refresh', undefined, { cookie: '' }, undefined, named)).body).toMatchObject({ continue: false })
  })

  it('over an eventually consistent store, no binding ends because a session is not seen yet', async () => {
    const app = boundApp()
    app.env.driver.name = 'cloudflare-kv-binding'
    const { browser } = await bound(app)
    const { cookie, named } = browser
    await browser.visit(async ({ use }) => (await use()).regenerate())
    const unseen = liveKeys(app).map(key => [key, itemsOf(app).get(key)!] as const)
    for (const [key] of unseen) itemsOf(app).delete(key)
    for (const request of [{ cookie }, {}]) expect(await ask(app, 'refresh', undefined, request, undefined, named)).toMatchObject({ status: 503, outcome: 'retry' })
    for (const [key, value] of unseen) itemsOf(app).set(key, value)
    expect((await browser.refresh()).status).toBe(200)
  })

  it('is bound also if it gets new ids between the login and the registration', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const early = browser.cookie
    for (const role of ['editor', 'admin']) await browser.visit(async ({ use }) => (await use()).regenerate({ data: { role } }))
    const token = await browser.key.registration(challenge)
    expect((await browser.send('register', token, { cookie: early })).status, 'sent before the new ids came').toBe(200)
    expect(await browser.see()).toEqual(BOUND)
    expect((await browser.send('register', await (await DeviceKey.create()).registration(challenge))).status).toBe(403)
  })

  it.each(['an earlier cookie', 'no cookie'])('with %s after new ids is opened and verified once', async (sent) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const cookie = sent === 'no cookie' ? '' : browser.cookie
    for (const role of ['editor', 'admin']) await browser.offer({ data: { role } })
    const token = await browser.key.registration(challenge)
    const config = app.resolve()
    vi.spyOn(app, 'resolve').mockReturnValue(config)
    const open = vi.spyOn(config.openers[0]!.codec, 'open')
    const verify = vi.spyOn(es256, 'verify')
    expect((await browser.send('register', token, { cookie })).status).toBe(200)
    expect(open.mock.calls.filter(([parts]) => parts.token === challenge)).toHaveLength(1)
    expect(verify).toHaveBeenCalledTimes(1)
    verify.mockRestore()
  })

  it('is of no use to a thief who got it a new id before the registration', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    for (let id = 0; id < 40; id++) await thief.visit(async ({ use }) => (await use()).regenerate({ data: { a: id } }))
    expect(await thief.see()).toEqual(UNBOUND)
    expect((await thief.send('register', await thief.key.registration(challenge.slice(0, -1)))).status).toBe(403)
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it.each([1, 15])('is of no use to a thief who gets %i new ids while the registration is stored', async (ids) => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    const store = app.env.storeOf(app.resolve())
    const storeKey = store.update.bind(store)
    const update = vi.spyOn(store, 'update')
    for (let id = 0; id < ids; id++) {
      update.mockImplementationOnce(async (...args) => {
        await thief.visit(async ({ use }) => (await use()).regenerate())
        return storeKey(...args)
      })
    }
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it('is of no use to a thief who gets three hundred new ids before the registration', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    for (let id = 0; id < 300; id++) await thief.visit(async ({ use }) => (await use()).regenerate())
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it('is of no use to a thief who gets a new id while its own is searched', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    await thief.visit(async ({ use }) => (await use()).regenerate())
    const store = app.env.storeOf(app.resolve())
    const find = store.newest.bind(store)
    const newest = vi.spyOn(store, 'newest')
    for (let time = 0; time < 3; time++) {
      newest.mockImplementationOnce(async (key) => {
        const found = await find(key)
        await thief.visit(async ({ use }) => (await use()).regenerate())
        return found
      })
    }
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
    expect(await thief.see()).toEqual(NOBODY)
  })

  it('a registration whose answer is lost can be sent again, as Chromium does on a new connection, and gets no second proof', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const token = await browser.key.registration((await browser.offer())!.challenge)
    const first = await ask(app, 'register', token, { cookie: browser.cookie })
    app.pass(20)
    const again = await browser.send('register', token)
    expect([again.status, Object.keys(again.body!), again.transport.setCookies()]).toEqual([200, Object.keys(first.body!), []])
    expect(await browser.see()).toEqual(UNBOUND)
    app.pass(40)
    expect(await browser.see(), 'the end of the proof of the login').toEqual(NOBODY)
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
    expect(await browser.send('register', token), 'after a renewal').toMatchObject({ status: 403, reason: 'replayed' })
  })

  it('registrations that are sent twice at the same time both bind it', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const token = await browser.key.registration((await browser.offer())!.challenge)
    const { cookie } = browser
    const answers = await Promise.all([1, 2].map(() => ask(app, 'register', token, { cookie })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  })

  it('a thief with a copy of the registration\'s token and of the login\'s cookies gains nothing', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const [thief, ofSession] = await Promise.all([browser.cookie, sessionPair(browser.cookie)].map(cookie => steal(app, cookie)))
    const token = await browser.key.registration(challenge)
    await browser.send('register', token)
    for (const each of [thief!, ofSession!]) {
      expect((await each.send('register', token)).transport.setCookies()).toEqual([])
      expect((await each.send('refresh', await each.key.refresh(each.challenge!))).status).toBe(403)
    }
    expect([await thief!.see(), await ofSession!.see()]).toEqual([UNBOUND, NOBODY])
    app.pass(60)
    expect([await thief!.see(), await ofSession!.see()]).toEqual([NOBODY, NOBODY])
    expect(await browser.see()).toEqual(BOUND)
  })

  it('does not take the registration of an earlier login of the same browser', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    browser.app.pass(1)
    await browser.offer({ userId: 'grace' })
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(403)
    expect(await browser.see()).toEqual({ userId: 'grace', deviceBound: false })
  })

  it('refuses a registration with the cookie of a login that another one has replaced', async () => {
    const browser = await DeviceBrowser.create(boundApp())
    const { challenge } = (await browser.offer())!
    const { cookie } = browser
    await browser.offer({ userId: 'grace' })
    expect(await browser.send('register', await browser.key.registration(challenge), { cookie })).toMatchObject({ status: 403, outcome: 'rejected', reason: 'session' })
  })
})

describe('a write in a request that the browser sends without the proof', () => {
  const skipped = (reason: string, identifier = IDENTIFIER) => ({ headers: { 'secure-session-skipped': `${reason};session_identifier="${identifier}"` } })
  const SKIPPED = skipped('quota_exceeded')
  const CONFLICT = { code: 'SESSION_CONFLICT', statusCode: 409 }

  const WRITES: Record<string, (session: SessionManager) => Promise<unknown>> = {
    'update()': session => session.update({ views: 1 }),
    'replace()': session => session.replace({ views: 1 }),
    'flash()': session => session.flash('saved', true),
    'regenerate()': session => session.regenerate(),
  }

  it.each(Object.entries(WRITES))('%s fails while the browser has the key, and does not replace the session', async (_, write) => {
    const { app, browser } = await bound(boundApp({ saveUninitialized: true }))
    app.pass(300)
    for (const reason of ['quota_exceeded', 'unreachable', 'server_error']) {
      const { lines } = await browser.visit(async ({ use }) => expect(write(await use())).rejects.toMatchObject(CONFLICT), skipped(reason))
      expect(lines).toEqual([])
    }
    await browser.refresh()
    expect(await browser.see()).toEqual(BOUND)
  })

  it('fails if the proof ended on the way', async () => {
    const { app, browser } = await bound()
    const { cookie } = browser
    app.pass(300)
    const { lines } = await browser.visit(async ({ use }) => expect((await use()).update({ a: 1 })).rejects.toMatchObject(CONFLICT), { cookie })
    expect(lines).toEqual([])
  })

  it.each([
    ['none', {}], ['of another session', skipped('unreachable', 'admin@app.example')], ['of a longer name', skipped('unreachable', 'h3-admin')],
  ])('begins a new session if the browser has no key: it skipped %s', async (_, request) => {
    const { app, browser } = await bound()
    app.pass(300)
    const { lines } = await browser.visit(async ({ use }) => (await use()).update({ state: 'of a login' }), request)
    expect(lines).toHaveLength(1)
    expect((await browser.visit(async ({ open }) => (await open()).data)).result).toEqual({ state: 'of a login' })
  })

  it('is possible after a login, whose session it writes', async () => {
    const { app, browser } = await bound()
    app.pass(300)
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.regenerate({ userId: 'ada' })
      await session.update({ a: 1 })
    }, SKIPPED)
    expect(await browser.see()).toEqual(UNBOUND)
    expect((await browser.visit(async ({ open }) => (await open()).data)).result).toEqual({ a: 1 })
  })

  it('is possible after clear(), which removes the session from the browser and does not end it', async () => {
    const { app, browser } = await bound()
    const records = recordsOf(app).length
    app.pass(300)
    await browser.visit(async ({ use }) => {
      const session = await use()
      await session.clear()
      await session.update({ a: 1 })
      await session.update({ b: 2 })
    }, SKIPPED)
    expect((await browser.visit(async ({ open }) => (await open()).data)).result).toEqual({ a: 1, b: 2 })
    expect(recordsOf(app)).toHaveLength(records + 1)
  })

  it('a thief who sends the header changes nothing', async () => {
    const { app, browser } = await bound()
    const thief = await steal(app, sessionPair(browser.cookie))
    for (const write of Object.values(WRITES)) await thief.visit(async ({ use }) => write(await use()).catch(() => undefined), SKIPPED)
    await thief.visit(async ({ use }) => (await use()).clear(), SKIPPED)
    expect(await thief.see(SKIPPED)).toEqual(NOBODY)
    expect(await browser.see()).toEqual(BOUND)
  })
})

// docs/device-bound.md names them under "Limits".
describe('not held yet', () => {
  // It cannot hold: after a minute, the visitor whose browser lost the answer and a thief with the cookies of the login
  // send the same. If the session was bound only after the first proof, that thief would have it until the visitor's next
  // request, which may be hours later. A browser that sends the registration again gets the answer: see above.
  it.fails('a lost answer of the registration does not log the visitor out', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    await ask(app, 'register', await browser.key.registration(challenge), { cookie: browser.cookie })
    app.pass(61)
    expect(await browser.see()).toEqual(UNBOUND)
  })

  // It cannot hold for the same reason: the browser has lost the second key, and has the proof of the first session.
  it.fails('two logins at once: the answer of the first one\'s registration arrives last', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const one = (await browser.offer())!
    const cookieOne = browser.cookie
    for (const name of browser.jar.names) browser.jar.set(name, '')
    const late = await ask(app, 'register', await (await DeviceKey.create()).registration(one.challenge), { cookie: cookieOne })
    await browser.bind()
    browser.jar.receive(late.transport.setCookies(), app.env.time)
    const { lines } = await browser.visit(async ({ open }) => (await open()).userId)
    expect((await browser.see()).userId ?? lines.join('')).toMatch(/ada|h3-device=; Max-Age=0/)
  })
})

describe('an attack has no effect', () => {
  it('unsealSession refuses the seal of a bound session', async () => {
    const { app, browser } = await bound()
    expect(await openSealed(app.env, browser.jar.get('h3')!, app.resolve())).toMatchObject({ reason: 'unproven' })
  })

  it('a thief with cookies of each moment, every purpose and every endpoint', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const cookies: string[] = []
    const challenges: string[] = []
    const offer = (await browser.offer())!
    cookies.push(browser.cookie)
    challenges.push(offer.challenge)
    await browser.send('register', await browser.key.registration(offer.challenge))
    cookies.push(browser.cookie)
    challenges.push(browser.challenge!)
    app.pass(20)
    await browser.refresh()
    cookies.push(browser.cookie)
    challenges.push(browser.challenge!)
    app.pass(300)
    for (const cookie of cookies.flatMap(each => [each, sessionPair(each)])) {
      app.pass(60)
      const thief = await steal(app, cookie)
      expect(await thief.see()).toEqual(NOBODY)
      await thief.send('refresh', undefined)
      for (const challenge of [...challenges, thief.challenge!]) {
        for (const step of ['register', 'refresh'] as const) {
          for (const token of [await thief.key.registration(challenge), await thief.key.refresh(challenge), await thief.key.token({ header: { jwk: browser.key.jwk }, payload: { jti: challenge } })]) {
            const answer = await ask(app, step, token, { cookie })
            expect([answer.status, answer.transport.setCookies()]).toEqual([403, []])
            const without = await ask(app, step, token, { cookie: '' })
            expect(without.transport.setCookies()).toEqual([])
          }
        }
      }
      expect(await thief.see()).toEqual(NOBODY)
    }
    expect((await browser.refresh()).status).toBe(200)
    expect(await browser.see()).toEqual(BOUND)
  })

  it.each([1, 3])('a thief with an id of %i new ids before does not end the session, and a parallel request of the visitor does', async (ids) => {
    const { app, browser } = await bound()
    const { cookie } = browser
    const thief = await steal(app, sessionPair(cookie))
    for (let i = 0; i < ids; i++) await browser.offer({ data: { i } })
    const { lines } = await thief.visit(async ({ use }) => (await use()).clear())
    expect(lines).toEqual([])
    expect(await browser.see()).toEqual(BOUND)
    await browser.visit(async ({ use }) => (await use()).clear(), { cookie })
    expect(await browser.see()).toEqual(NOBODY)
  })

  it('a malleable signature is no second use', async () => {
    const { app, browser } = await bound()
    const token = await browser.key.refresh(browser.challenge!)
    const [head, claims, signature] = token.split('.')
    const bytes = Buffer.from(signature!, 'base64url')
    const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')
    const answers = await Promise.all([token, `${head}.${claims}.${twin}`].map(each => ask(app, 'refresh', each, { cookie: browser.cookie })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403])
  })

  it('hostile tokens: zero signatures, a point off the curve, DER, unicode escapes, __proto__', async () => {
    const { app, browser } = await bound()
    const jti = browser.challenge!
    const { cookie } = browser
    const zero = async () => new Uint8Array(64)
    const texts = (header: string, payload = JSON.stringify({ jti })): { texts: [string, string] } => ({ texts: [header, payload] })
    const tokens = [
      await browser.key.token({ payload: { jti }, sign: zero }),
      await browser.key.token(texts('{"alg":"ES256","typ":"dbsc+jwt","\\u0061lg":"none"}')),
      await browser.key.token(texts('{"alg":"none","typ":"dbsc+jwt"}')),
      await browser.key.token(texts('{"__proto__":{"alg":"ES256","typ":"dbsc+jwt"}}')),
      await browser.key.token(texts('{"alg":"ES256","typ":"dbsc+jwt","crit":["exp"]}')),
      await browser.key.token(texts('{"alg":"ES256","typ":"dbsc+jwt","\\u0063rit":[]}')),
      await browser.key.token(texts('{"alg":"ES256","typ":"dbsc+jwt"}', `{"jti":"x","jt\\u0069":${JSON.stringify(jti)}}`)),
      await browser.key.token(texts('{"alg":"ES256","typ":"dbsc+jwt"}', JSON.stringify({ jti, aud: 'https://evil.example/' }))),
      await browser.key.token({ header: { jwk: { ...browser.key.jwk, y: browser.key.jwk.x } }, payload: { jti } }),
      `${await browser.key.refresh(jti)}.`, `${await browser.key.refresh(jti)}${'A'.repeat(5000)}`,
    ]
    const verify = vi.spyOn(es256, 'verify')
    for (const token of tokens) expect((await ask(app, 'refresh', token, { cookie })).status).toBe(403)
    expect(verify.mock.calls.length, 'only for the zero signature').toBeLessThanOrEqual(1)
    verify.mockRestore()
    expect((await ask(app, 'refresh', await browser.key.refresh(jti), { cookie })).status).toBe(200)
  })

  it('a registration with a point off the curve is refused, and the session can still register', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const off = await browser.key.token({ header: { jwk: { ...browser.key.jwk, y: browser.key.jwk.x } }, payload: { jti: challenge } })
    expect(await browser.send('register', off)).toMatchObject({ status: 403, reason: 'signature' })
    expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
  })

  it('two names of one password do not mix', async () => {
    const app = boundApp({ named: { admin: {} } })
    const browser = await DeviceBrowser.create(app)
    await browser.bind()
    const { challenge } = (await browser.offer({ userId: 'ada' }, { name: 'admin' }))!
    const token = await browser.key.registration(challenge)
    expect((await ask(app, 'register', token, { cookie: browser.cookie })).status).toBe(403)
    expect((await ask(app, 'register', token, { cookie: '' })).status).toBe(403)
    expect((await ask(app, 'refresh', await browser.key.refresh(browser.challenge!), { cookie: browser.cookie }, { name: 'admin' })).status).not.toBe(200)
    expect((await ask(app, 'refresh', await browser.key.refresh(browser.challenge!), { cookie: '' }, { name: 'admin' })).transport.setCookies()).toEqual([])
    browser.jar.set('admin-device', browser.jar.get('h3-device')!)
    expect((await ask(app, 'register', token, { cookie: browser.cookie }, { name: 'admin' })).status).toBe(200)
    const { result } = await browser.visit(async ({ open }) => (await open({ name: 'admin' })).userId)
    expect(result).toBeUndefined()
  })

  it('the thief of a proof does not extend it by any new id, or by a login proof', async () => {
    const { app, browser } = await bound()
    const thief = await steal(app, browser.cookie)
    for (let i = 0; i < 5; i++) {
      app.pass(59)
      await thief.offer({ data: { i } })
      expect(await thief.offer({ userId: 'ada', authenticatedAt: 1 })).toBeUndefined()
    }
    app.pass(6)
    expect(await thief.see()).toEqual(NOBODY)
    expect(recordsOf(app).length).toBeGreaterThan(0)
  })

  it('a thief with the login\'s proof does not extend it', async () => {
    const app = boundApp()
    const browser = await DeviceBrowser.create(app)
    const { challenge } = (await browser.offer())!
    const thief = await steal(app, browser.cookie)
    await browser.send('register', await browser.key.registration(challenge))
    app.pass(50)
    expect(await thief.see()).toEqual(UNBOUND)
    await thief.offer({ data: { a: 1 } })
    app.pass(11)
    expect(await thief.see()).toEqual(NOBODY)
  })
})
