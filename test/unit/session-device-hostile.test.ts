import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { DeviceStep } from '../../src/runtime/core/device/instructions'
import { sealChallenge } from '../../src/runtime/core/device/challenge'
import { sealText } from '../../src/runtime/core/seal/seal'
import { DeviceKey } from '../support/device-key'
import { ask, boundApp, DeviceBrowser, es256, restart, steal } from './support/device'
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
      // Else only the first wrong signatures would be verified.
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

describe.each<DeviceStep>(['register', 'refresh'])('a flood of wrong signatures to %s', (step) => {
  it('is verified eight times for each challenge, and then has the answer of a replay', async () => {
    const { app, browser, challenge, token, cookie } = await given(step)
    const verify = vi.spyOn(es256, 'verify')
    const send = async () => (await ask(app, step, await withWrongSignature(browser, step, challenge), { cookie })).reason
    const reasons = await Promise.all(Array.from({ length: 20 }, send))
    expect(reasons.toSorted()).toEqual([...Array.from({ length: 12 }, () => 'replayed'), ...Array.from({ length: 8 }, () => 'signature')])
    expect(await ask(app, step, token, { cookie })).toMatchObject({ status: 403, reason: 'replayed' })
    expect(verify).toHaveBeenCalledTimes(8)
    verify.mockRestore()
    restart(app)
    expect((await ask(app, step, token, { cookie })).status, 'in another process').toBe(200)
  })
})

it('a thief with the cookies of a browser does not use up its challenge', async () => {
  const { app, browser, token, cookie } = await given('refresh')
  const thief = await steal(app, cookie)
  for (let i = 0; i < 20; i++) {
    await thief.send('refresh', undefined)
    for (let again = 0; again < 9; again++) await ask(app, 'refresh', await withWrongSignature(browser, 'refresh', thief.challenge!), { cookie })
  }
  expect((await ask(app, 'refresh', token, { cookie })).status).toBe(200)
})

it('a registration that is sent again and again is verified eight times', async () => {
  const { app, token, cookie } = await given('register')
  const verify = vi.spyOn(es256, 'verify')
  const statuses: number[] = []
  for (let i = 0; i < 10; i++) statuses.push((await ask(app, 'register', token, { cookie })).status)
  expect(statuses).toEqual([...Array.from({ length: 8 }, () => 200), 403, 403])
  expect(verify).toHaveBeenCalledTimes(8)
  verify.mockRestore()
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
