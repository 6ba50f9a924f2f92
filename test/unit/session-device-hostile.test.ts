import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { DeviceStep } from '../../src/runtime/core/device/instructions'
import { sealChallenge } from '../../src/runtime/core/device/challenge'
import { sealText } from '../../src/runtime/core/seal/seal'
import { DeviceKey, readChallenge } from '../support/device-key'
import { ask, boundApp, DeviceBrowser, es256, nameIn, restart, steal } from './support/device'
import { itemsOf } from './support/stored'

let key: DeviceKey
beforeAll(async () => { key = await DeviceKey.create() })

/** A session that waits for its registration, or is bound. */
async function given(step: DeviceStep) {
  const browser = await DeviceBrowser.create(boundApp())
  if (step === 'refresh') await browser.bind()
  const challenge = step === 'refresh' ? browser.challenge! : (await browser.offer())!.challenge
  const token = await browser.key.token({ header: step === 'register' ? { jwk: browser.key.jwk } : {}, payload: { jti: challenge } })
  return { app: browser.app, browser, challenge, token, cookie: browser.cookie }
}

describe.each<DeviceStep>(['register', 'refresh'])('a hostile token to %s', (step) => {
  it('changes nothing, and sends neither a proof nor a session', async () => {
    const { app, token, cookie } = await given(step)
    const before = new Map(itemsOf(app))
    const changed = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.tuple(fc.nat(token.length - 1), fc.string({ unit: fc.constantFrom(...'ABCabc012-_.='), minLength: 1, maxLength: 4 })).map(([at, text]) => token.slice(0, at) + text + token.slice(at + text.length)),
      fc.tuple(fc.nat(token.length - 1), fc.nat(8)).map(([at, length]) => token.slice(0, at) + token.slice(at + length + 1)),
    ).filter(text => text !== token)
    await fc.assert(fc.asyncProperty(changed, async (text) => {
      // Else only the first ones would be read.
      restart(app)
      const { status, body, transport } = await ask(app, step, text, { cookie })
      return status === 403 && body === undefined && transport.setCookies().length === 0
    }), { numRuns: 2000 })
    expect(itemsOf(app)).toEqual(before)
    restart(app)
    expect((await ask(app, step, token, { cookie })).status).toBe(200)
  }, 60_000)

  it('has another challenge: of another purpose, session, name, app, end, or none', async () => {
    const { app, browser, cookie } = await given(step)
    const other = await DeviceBrowser.create(app)
    const { challenge: ofRegistration } = (await other.offer({ userId: 'eve' }))!
    await other.bind({ userId: 'eve' })
    const now = app.env.time
    const { handle } = (await browser.visit(async ({ open }) => open())).result
    const fields = { kind: 'device-challenge', name: 'h3', purpose: step, handle, at: now + 1 }
    const seal = async (content: object, end = now + 1000, config = app.resolve()) => sealText(JSON.stringify(content), String(end), config, now)
    const challenges = [
      'challenge', ofRegistration, other.challenge!, browser.jar.get('h3')!, browser.jar.get('h3-device') ?? 'none',
      await seal({ ...fields, purpose: step === 'refresh' ? 'register' : 'refresh' }),
      await seal({ ...fields, name: 'other' }), await seal({ ...fields, handle: handle!.replace(/./, 'x') }), await seal({ ...fields, kind: 'device-proof' }),
      await seal({ ...fields, at: undefined }), await seal({ ...fields, purpose: undefined }), await seal([]), await seal(fields, now),
      await seal(fields, now + 1000, app.resolve({ password: 'another app\'s password, 32 characters long' })),
    ]
    for (const jti of challenges) {
      const token = await browser.key.token({ header: step === 'register' ? { jwk: browser.key.jwk } : {}, payload: { jti } })
      const { status, transport } = await ask(app, step, token, { cookie })
      expect([status, transport.setCookies()]).toEqual([403, []])
    }
    const token = await browser.key.token({ header: step === 'register' ? { jwk: browser.key.jwk } : {}, payload: { jti: await seal(fields) } })
    expect((await ask(app, step, token, { cookie })).status).toBe(200)
  })

  it('costs no signature and no store without a cookie and a challenge of this app', async () => {
    const { app, cookie } = await given(step)
    const verify = vi.spyOn(es256, 'verify')
    const get = vi.spyOn(app.env.storeOf(app.resolve()), 'get')
    const forged = await key.registration('challenge')
    for (const cookies of ['', 'h3=forged', `h3=${'a'.repeat(20_000)}`, cookie.replace(/.{4}(?=;|$)/, 'AAAA')]) await ask(app, step, forged, { cookie: cookies })
    expect(get).not.toHaveBeenCalled()
    await ask(app, step, forged, { cookie })
    expect(verify).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})

const withWrongSignature = async (browser: DeviceBrowser, step: DeviceStep, challenge: string) =>
  browser.key.token({ header: step === 'register' ? { jwk: browser.key.jwk } : {}, payload: { jti: challenge }, sign: async () => crypto.getRandomValues(new Uint8Array(64)) })

const TOO_MANY = { status: 503, outcome: 'retry', reason: 'throttled', body: undefined }

describe.each<DeviceStep>(['register', 'refresh'])('a flood of wrong signatures to %s', (step) => {
  it('is verified sixty times in a minute, and then has to wait, before its token is read', async () => {
    const { app, browser, challenge, token, cookie } = await given(step)
    const verify = vi.spyOn(es256, 'verify')
    const wrong = await withWrongSignature(browser, step, challenge)
    const answers = await Promise.all(Array.from({ length: 80 }, () => ask(app, step, wrong, { cookie })))
    expect(answers.map(({ reason }) => reason).toSorted()).toEqual([...Array.from({ length: 60 }, () => 'signature'), ...Array.from({ length: 20 }, () => 'throttled')])
    expect(verify).toHaveBeenCalledTimes(60)
    app.pass(15)
    for (const each of [wrong, token, 'malformed']) {
      const answer = await ask(app, step, each, { cookie })
      expect(answer).toMatchObject(TOO_MANY)
      expect([answer.transport.responseHeaders['retry-after'], answer.transport.responseHeaders['secure-session-challenge'], answer.transport.setCookies()]).toEqual(['45', undefined, []])
    }
    expect(verify).toHaveBeenCalledTimes(60)
    verify.mockRestore()
    app.pass(45)
    expect((await ask(app, step, token, { cookie })).status, 'a minute later').toBe(200)
  })

  it('does not end with a new id, a new challenge or a new cookie of the login', async () => {
    const { app, browser, challenge, token, cookie } = await given(step)
    const verify = vi.spyOn(es256, 'verify')
    for (let i = 0; i < 12; i++) {
      if (step === 'refresh') await browser.send('refresh', undefined)
      const wrong = await withWrongSignature(browser, step, step === 'refresh' ? browser.challenge! : challenge)
      const sent = i % 2 === 0 ? browser.cookie : cookie
      for (let again = 0; again < 10; again++) await ask(app, step, wrong, { cookie: step === 'refresh' ? browser.cookie : sent })
      await browser.visit(async ({ use }) => (await use()).regenerate({ data: { i } }))
    }
    expect(verify).toHaveBeenCalledTimes(60)
    verify.mockRestore()
    expect(await ask(app, step, token, { cookie: browser.cookie })).toMatchObject(TOO_MANY)
    const other = await DeviceBrowser.create(app)
    app.pass(1)
    expect((await other.bind()).status, 'another login of the user').toBe(200)
  })
})

it('renewals that succeed are not counted', async () => {
  const { browser } = await given('refresh')
  for (let i = 0; i < 70; i++) {
    browser.app.pass(0.1)
    expect((await browser.refresh()).status).toBe(200)
  }
})

describe('the attempts of a browser are not used up', () => {
  it('by a thief with its cookies', async () => {
    const { app, browser, token, cookie } = await given('refresh')
    const thief = await steal(app, cookie)
    for (let i = 0; i < 80; i++) {
      await thief.send('refresh', undefined)
      await ask(app, 'refresh', await withWrongSignature(browser, 'refresh', thief.challenge!), { cookie })
    }
    expect(await ask(app, 'refresh', token, { cookie })).toMatchObject(TOO_MANY)
    expect((await browser.send('refresh', token)).status).toBe(200)
  })

  it('by a thief with its cookies, and the URL of another session', async () => {
    const { app, browser, token, cookie } = await given('refresh')
    const thief = await DeviceBrowser.create(app)
    await thief.bind()
    const wrong = await withWrongSignature(browser, 'refresh', browser.challenge!)
    for (let i = 0; i < 80; i++) await ask(app, 'refresh', wrong, { cookie }, undefined, thief.named)
    expect((await browser.send('refresh', token)).status).toBe(200)
  })

  it('by whoever reads its URL in a log', async () => {
    const { app, browser, token } = await given('refresh')
    const asked = await ask(app, 'refresh', undefined, {}, undefined, browser.named)
    const wrong = await withWrongSignature(browser, 'refresh', readChallenge(asked.transport.responseHeaders['secure-session-challenge'])!.challenge)
    for (let i = 0; i < 80; i++) await ask(app, 'refresh', wrong, {}, undefined, browser.named)
    expect(await ask(app, 'refresh', token, {}, undefined, browser.named)).toMatchObject(TOO_MANY)
    expect((await browser.send('refresh', token)).status).toBe(200)
  })

  it('by a registration without cookies of another login', async () => {
    const { app, browser, challenge } = await given('register')
    const wrong = await withWrongSignature(browser, 'register', challenge)
    for (let i = 0; i < 61; i++) await ask(app, 'register', wrong)
    expect(await ask(app, 'register', wrong)).toMatchObject(TOO_MANY)
    app.pass(1)
    const other = await DeviceBrowser.create(app)
    const token = await other.key.registration((await other.offer({ userId: 'eve' }))!.challenge)
    expect((await ask(app, 'register', token)).status).toBe(200)
  })

  it('before its registration, by a thief with the cookies of the login', async () => {
    const { app, browser, challenge, token, cookie } = await given('register')
    const thief = await steal(app, cookie)
    const tokens = ['malformed', await thief.key.registration('challenge'), await thief.key.registration(challenge.slice(0, -1))]
    for (let i = 0; i < 30; i++) for (const step of ['register', 'refresh'] as const) for (const each of tokens) await ask(app, step, each, { cookie })
    expect((await browser.send('register', token)).status).toBe(200)
  })
})

it('a registration without a cookie waits before its challenge is opened', async () => {
  const { app, browser, challenge } = await given('register')
  const wrong = await withWrongSignature(browser, 'register', challenge)
  for (let i = 0; i < 61; i++) await ask(app, 'register', wrong)
  const get = vi.spyOn(app.env.storeOf(app.resolve()), 'get')
  expect(await ask(app, 'register', await withWrongSignature(browser, 'register', challenge))).toMatchObject(TOO_MANY)
  expect(get).not.toHaveBeenCalled()
  vi.restoreAllMocks()
  app.pass(60)
  expect((await ask(app, 'register', await browser.key.registration(challenge))).status, 'a minute later').toBe(200)
})

it('a registration with the same cookie waits before it is opened, whatever its URL names', async () => {
  const { app, browser, challenge, cookie } = await given('register')
  const wrong = await withWrongSignature(browser, 'register', challenge)
  for (let i = 0; i < 61; i++) await ask(app, 'register', wrong, { cookie })
  const get = vi.spyOn(app.env.storeOf(app.resolve()), 'get')
  for (let i = 0; i < 5; i++) expect(await ask(app, 'register', wrong, { cookie }, undefined, `random ${i}`)).toMatchObject(TOO_MANY)
  expect(get).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

it('sessions of different names have their own attempts, also after one login to both', async () => {
  const app = boundApp()
  const browser = await DeviceBrowser.create(app)
  await browser.bind()
  const { challenge } = (await browser.offer({ userId: 'ada' }, { name: 'two' }))!
  const named = nameIn(await ask(app, 'register', await browser.key.registration(challenge), { cookie: browser.cookie }, { name: 'two' }))
  const { cookie } = browser
  const wrong = await withWrongSignature(browser, 'refresh', browser.challenge!)
  for (let i = 0; i < 61; i++) await browser.send('refresh', wrong, { cookie })
  expect(await browser.send('refresh', wrong, { cookie })).toMatchObject(TOO_MANY)
  expect(await ask(app, 'refresh', undefined, { cookie }, { name: 'two' }, named)).toMatchObject({ status: 403, outcome: 'challenged' })
})

it('renewals that a thief asks for by the cookie of a second login do not keep the browser from registering', async () => {
  const { app, browser } = await given('refresh')
  const { challenge } = (await browser.offer())!
  for (let i = 0; i < 60; i++) await ask(app, 'refresh', undefined, { cookie: browser.cookie })
  expect(await ask(app, 'refresh', undefined, { cookie: browser.cookie })).toMatchObject(TOO_MANY)
  expect((await browser.send('register', await browser.key.registration(challenge))).status).toBe(200)
})

it('a registration that is sent again and again is verified sixty times', async () => {
  const { app, token, cookie } = await given('register')
  const verify = vi.spyOn(es256, 'verify')
  const statuses: number[] = []
  for (let i = 0; i < 70; i++) statuses.push((await ask(app, 'register', token, { cookie })).status)
  expect(statuses).toEqual([...Array.from({ length: 61 }, () => 200), ...Array.from({ length: 9 }, () => 503)])
  expect(verify).toHaveBeenCalledTimes(61)
  verify.mockRestore()
})

it('the URL of a session that is not in the store has its user\'s sessions searched sixty times in a minute', async () => {
  const { app, browser } = await given('refresh')
  const named = browser.named!
  await browser.visit(async ({ use }) => (await use()).clear())
  app.pass(2 * 3600)
  await app.env.storeOf(app.resolve()).sweep(1000)
  const list = vi.spyOn(app.env.storeOf(app.resolve()), 'list')
  const send = () => ask(app, 'refresh', undefined, {}, undefined, named)
  for (let i = 0; i < 60; i++) expect((await send()).body).toMatchObject({ continue: false })
  expect((await send()).transport.responseHeaders['retry-after']).toBe('60')
  // A search is two lists, because one may lack a session that gets a new id meanwhile.
  expect(list).toHaveBeenCalledTimes(120)
})

describe('a registration', () => {
  it('over a key needs a challenge that names this key', async () => {
    const { app, browser, cookie } = await given('refresh')
    const now = app.env.time
    const { handle } = (await browser.visit(async ({ open }) => open())).result
    for (const replaces of [undefined, 'a'.repeat(64), app.env.hash('')]) {
      const challenge = await sealChallenge({ purpose: 'register', handle: handle!, at: now + 1, replaces }, now + 1000, app.resolve(), now)
      expect(await ask(app, 'register', await key.registration(challenge), { cookie })).toMatchObject({ status: 403, reason: 'bound' })
    }
  })

  it('is signed by the key that it registers', async () => {
    const { app, challenge, cookie } = await given('register')
    const other = await DeviceKey.create()
    const token = await key.token({ header: { jwk: other.jwk }, payload: { jti: challenge } })
    expect(await ask(app, 'register', token, { cookie })).toMatchObject({ status: 403, reason: 'signature' })
  })
})

it('the store\'s failure is no end of the session', async () => {
  const { app, token, cookie } = await given('refresh')
  const store = app.env.storeOf(app.resolve())
  for (const call of ['get', 'update'] as const) {
    const failing = vi.spyOn(store, call).mockRejectedValue(new Error('down'))
    await expect(ask(app, 'refresh', token, { cookie })).rejects.toThrow('down')
    failing.mockRestore()
  }
  expect((await ask(app, 'refresh', token, { cookie })).status).toBe(200)
})

it('a session whose attempts are used up is not searched until the minute is over, and gets no more challenges', async () => {
  const { app, browser, cookie } = await given('refresh')
  const get = vi.spyOn(app.env.storeOf(app.resolve()), 'get')
  const askAgain = () => ask(app, 'refresh', undefined, { cookie }, undefined, browser.named)
  for (let i = 0; i < 60; i++) expect((await askAgain()).status).toBe(403)
  expect((await askAgain()).status).toBe(503)
  get.mockClear()
  for (const answer of [await askAgain(), await ask(app, 'refresh', 'malformed', { cookie }, undefined, browser.named)]) expect(answer).toMatchObject(TOO_MANY)
  expect(get).not.toHaveBeenCalled()
  app.pass(60)
  expect((await askAgain()).status).toBe(403)
  expect(get).toHaveBeenCalled()
})
