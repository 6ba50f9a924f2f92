import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { DEVICE_ENV, suiteDeviceSite } from './support/device-bound'
import { HOSTS } from './support/tls'

const NOBODY = { deviceBound: false, listed: [] }

describe('a session in Chromium with keys', () => {
  const site = suiteDeviceSite(suiteServer('client', DEVICE_ENV))

  it('is bound after the login, and stays when its proof ends', async () => {
    const ada = await site.visitor()
    await ada.bind()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(await ada.ask('/api/bound-only')).toMatchObject({ status: 200 })
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(site.steps).toEqual(['register signed 200', 'refresh signed 200'])
  })

  it('is there in requests that are under way when the browser registers', async () => {
    const answer = Promise.withResolvers<undefined>()
    site.answerGate = answer.promise
    const ada = await site.visitor()
    await ada.login()
    await expect.poll(() => site.registrations).toBe(1)
    expect((await ada.ask()).body).toEqual({ ...ada.bound, deviceBound: false })
    expect((await ada.ask('/api/bound-only')).status).toBe(401)
    answer.resolve(undefined)
    await expect.poll(async () => (await ada.ask()).body, { timeout: 10_000 }).toEqual(ada.bound)
  })

  it('is bound if the answer of the registration is lost with its connection, because the browser sends it again', async () => {
    site.lostAnswers = 1
    const ada = await site.visitor()
    await ada.login()
    await expect.poll(() => site.steps, { timeout: 10_000 }).toEqual(['register signed 200', 'register signed 200'])
    await site.set({ clockAhead: 60_000 })
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(site.steps.at(-1)).toBe('refresh signed 200')
  })

  it('is there in requests that are under way when the browser registers again', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const answer = Promise.withResolvers<undefined>()
    site.answerGate = answer.promise
    await ada.login()
    await expect.poll(() => site.registrations).toBe(2)
    expect((await ada.ask()).body).toEqual(ada.bound)
    answer.resolve(undefined)
    await ada.loseProof()
    await expect.poll(async () => (await ada.ask()).body, { timeout: 10_000 }).toEqual(ada.bound)
  })

  it('stays on a laptop that slept for a week', async () => {
    const ada = await site.visitor()
    await ada.bind()
    await site.set({ clockAhead: 7 * 24 * 3600_000 })
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    // The challenge that the browser had has ended.
    expect(site.steps).toEqual(['register signed 200', 'refresh signed 403', 'refresh signed 200'])
  })

  it.each([-1, 1])('does not need the server\'s clock to be right: %i day', async (days) => {
    await site.set({ clockAhead: days * 24 * 3600_000 })
    const ada = await site.visitor()
    await ada.bind()
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it.each(['/', '/api/inner?kind=two', '/api/inner?kind=parallel'])('is there in a page and its inner requests that waited for the proof: %s', async (path) => {
    const ada = await site.visitor()
    await ada.bind()
    await ada.loseProof()
    await ada.page.goto(path)
    if (path === '/') expect(await ada.page.locator('#seen').textContent()).toContain('Ada')
    else expect(await ada.page.textContent('body')).toContain('"visits":2')
    await ada.page.goto('/plain')
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(site.steps).toEqual(['register signed 200', 'refresh signed 200'])
  })

  it('is there in a prerendered page', async () => {
    const ada = await site.visitor()
    await ada.bind()
    await ada.loseProof()
    await ada.page.goto('/prerendered')
    await ada.page.locator('#body').filter({ hasText: `ready ${JSON.stringify({ public: { name: ada.user } })}` }).waitFor()
  })

  it('is there in pages with a service worker', async () => {
    const ada = await site.visitor()
    await ada.page.evaluate(async () => {
      const controlled = new Promise(resolve => navigator.serviceWorker.addEventListener('controllerchange', resolve))
      await navigator.serviceWorker.register('/worker.js')
      await controlled
    })
    await ada.bind()
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    await ada.page.goto('/')
    expect(await ada.page.locator('#seen').textContent()).toContain('Ada')
  })

  it('is renewed once for two tabs', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const other = await ada.tab()
    await ada.loseProof()
    const answers = await Promise.all([ada, other, ada, other].map(tab => tab.ask()))
    expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => ada.bound))
    expect(site.steps).toEqual(['register signed 200', 'refresh signed 200'])
  })

  it('stays bound with a new id', async () => {
    const ada = await site.visitor()
    await ada.bind()
    expect(await ada.ask('/api/regenerate', {})).toMatchObject({ status: 200 })
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(site.steps.at(-1)).toBe('refresh signed 200')
  })

  it.each([0, 2 * 3600_000])('is there after a link on another site, with a new id from %i ms before', async (clockAhead) => {
    const ada = await site.visitor()
    await ada.bind()
    await ada.ask('/api/regenerate', {})
    await site.set({ clockAhead })
    await ada.loseProof()
    await ada.page.goto(`data:text/html,<a href="${site.origin}/">the app</a>`)
    await ada.page.click('a')
    expect(await ada.page.locator('#seen').textContent()).toContain('Ada')
    // The first challenge names the earlier id. The renewal has no session cookie.
    expect(site.steps).toEqual(['register signed 200', 'refresh signed 403', 'refresh signed 200'])
    await ada.page.goto('/plain')
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('is bound anew if the user logs in again', async () => {
    const ada = await site.visitor()
    await ada.bind()
    await ada.bind()
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('ends at the logout, and another user can log in', async () => {
    const visitor = await site.visitor()
    await visitor.bind()
    await visitor.ask('/api/logout', {})
    expect(await visitor.context.cookies()).toEqual([])
    expect((await visitor.ask()).body).toEqual(NOBODY)
    visitor.user = `Grace ${visitor.user}`
    await visitor.bind()
    expect((await visitor.ask()).body).toEqual(visitor.bound)
    await visitor.loseProof()
    expect((await visitor.ask()).body).toEqual(visitor.bound)
  })

  it('stays beside a session of another host of the same site', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const other = await ada.tab(site.origin.replace(HOSTS.app, HOSTS.sibling))
    other.user = `Grace ${ada.user}`
    await other.bind()
    // Those of both hosts.
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect((await other.ask()).body).toEqual(other.bound)
  })

  it('is of the other user after a login without a logout', async () => {
    const visitor = await site.visitor()
    await visitor.bind()
    visitor.user = `Grace ${visitor.user}`
    await visitor.bind()
    expect((await visitor.ask()).body).toEqual(visitor.bound)
    await visitor.loseProof()
    expect((await visitor.ask()).body).toEqual(visitor.bound)
  })

  it('ends in the browser when it was ended elsewhere, without requests for ever', async () => {
    const [ada, other] = [await site.visitor(), await site.visitor()]
    other.user = ada.user
    await ada.bind()
    await other.bind()
    expect((await ada.ask()).body.listed).toEqual([true, true])
    await other.ask('/api/logout-everywhere', {})
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(NOBODY)
    const before = site.steps.length
    expect((await ada.ask()).body).toEqual(NOBODY)
    expect(site.steps.length).toBe(before)
  })

  it.each([
    ['does not answer', { failure: 'refuse' }],
    ['fails', { failure: 500 }],
    ['is overloaded', { failure: 503 }],
  ] as const)('returns after a time in which the endpoint %s', async (_, conditions) => {
    const ada = await site.visitor()
    await ada.bind()
    Object.assign(site, conditions)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(NOBODY)
    expect(site.skipped.at(-1)).toMatch(/unreachable|server_error/)
    expect(await ada.ask('/api/visit', {})).toMatchObject({ status: 409 })
    site.failure = undefined
    await expect.poll(async () => (await ada.ask()).body, { timeout: 10_000 }).toEqual(ada.bound)
  })

  it('needs a new login after a 404 of something else, such as a proxy', async () => {
    const ada = await site.visitor()
    await ada.bind()
    site.failure = 404
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(NOBODY)
    site.failure = undefined
    expect((await ada.ask()).body).toEqual(NOBODY)
    expect(await ada.ask('/api/visit', {})).toMatchObject({ status: 200 })
    await ada.bind()
    expect((await ada.ask()).body).toMatchObject({ ...ada.bound, listed: expect.anything() })
  })

  it('returns after a time in which the store was down', async () => {
    const ada = await site.visitor()
    await ada.bind()
    await site.set({ isStoreDown: true })
    await ada.loseProof()
    expect((await ada.ask()).status).toBe(503)
    expect(site.steps.at(-1)).toBe('refresh signed 503')
    await site.set({})
    await expect.poll(async () => (await ada.ask()).body, { timeout: 10_000 }).toEqual(ada.bound)
  })

  it('is not ended by requests that the browser sends without a proof, because of its quota', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const proof = await ada.proof()
    while (!site.skipped.some(header => header.includes('quota_exceeded'))) {
      await ada.loseProof()
      await ada.ask()
      expect(site.steps.length).toBeLessThan(30)
    }
    const skipped = await ada.ask()
    expect(skipped).toEqual({ status: 200, body: NOBODY })
    expect(await ada.ask('/api/bound-only')).toMatchObject({ status: 401 })
    expect(await ada.ask('/api/visit', {})).toMatchObject({ status: 409 })
    await ada.context.addCookies([proof])
    expect((await ada.ask()).body).toEqual(ada.bound)
  })
})

describe('a session in Chromium with keys, with the preset "strict"', () => {
  const name = '__Host-Http-session'
  const site = suiteDeviceSite(suiteServer('client', { ...DEVICE_ENV, NUXT_SESSION_PRESET: 'strict' }), { name })

  it('is bound, renewed and ended', async () => {
    const ada = await site.visitor()
    await ada.bind()
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.ask('/api/logout', {})
    expect(await ada.context.cookies()).toEqual([])
    expect((await ada.ask()).body).toEqual(NOBODY)
  })
})

describe('a session in Chromium with keys, when the password of the server changes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'device-bound-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const [password, next] = [testPassword(), testPassword()]
  const env = { ...DEVICE_ENV, NUXT_SESSION_PASSWORD: password, TEST_STORE_DIR: dir }
  const site = suiteDeviceSite(suiteServer('client', env))
  const rotated = suiteServer('client', { ...env, NUXT_SESSION_PASSWORD: JSON.stringify([next, password]) })
  const replaced = suiteServer('client', { ...env, NUXT_SESSION_PASSWORD: next })

  it('stays bound with its proof, without it, and after the old password is gone', async () => {
    const ada = await site.visitor()
    await ada.bind()
    site.app = rotated
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    site.app = replaced
    expect((await ada.ask()).body).toEqual(ada.bound)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
  })
})

describe('a session in Chromium without keys', () => {
  const site = suiteDeviceSite(suiteServer('client', DEVICE_ENV), { args: [] })

  it('works as before, and is marked as not bound', async () => {
    const ada = await site.visitor()
    await ada.login()
    expect((await ada.ask()).body).toEqual({ ...ada.bound, deviceBound: false, listed: [false] })
    expect(await ada.ask('/api/bound-only')).toMatchObject({ status: 401, body: { data: { code: 'SESSION_DEVICE_REQUIRED' } } })
    await ada.ask('/api/regenerate', {})
    await ada.page.goto('/')
    expect(await ada.page.locator('#seen').textContent()).toContain('Ada')
    await ada.ask('/api/logout', {})
    expect((await ada.ask()).body).toEqual(NOBODY)
    expect([site.steps, site.skipped]).toEqual([[], []])
  })
})
