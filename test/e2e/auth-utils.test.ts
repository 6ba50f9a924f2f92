import { beforeAll, describe, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { buildApp } from './support/build'
import { openSeal, payload, sealPayload } from './support/seals'
import { failToStart, suiteServer, testPassword, testServer } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const ATTRIBUTES = { Path: '/', HttpOnly: true, Secure: true, SameSite: 'Lax' }
const SESSION_COOKIE = { name: 'nuxt-session', value: expect.stringMatching(/^Fe26/), attributes: ATTRIBUTES }

const WARNING = /nuxt-auth-utils reads the same session "nuxt-session"/g

describe.each(['auth-first', 'auth-last'] as const)('nuxt-auth-utils beside us, %s in `modules`', (app) => {
  const server = suiteServer(app, { NUXT_SESSION_PASSWORD })

  it('its login starts the session that we read and write', async () => {
    const browser = new Browser(server)
    const login = await browser.request('/api/login')
    expect(login.setCookies).toEqual([SESSION_COOKIE])
    const ours = await browser.request('/api/ours?write=cart')
    expect(ours.setCookies).toEqual([SESSION_COOKIE])
    expect(ours.body.before).toEqual({ id: login.body.id, data: { user: { name: 'Ada' }, loggedInAt: 1 } })
    expect(ours.body.theirs).toEqual({ id: login.body.id, user: { name: 'Ada' }, loggedInAt: 1, cart: 'ours' })
    expect((await browser.request('/api/me')).body).toEqual(ours.body.theirs)
    expect([...browser.jar.keys()]).toEqual(['nuxt-session'])
  })

  it('its login writes to the session that we started', async () => {
    const browser = new Browser(server)
    const ours = await browser.request('/api/ours?write=cart')
    expect(ours.setCookies).toEqual([SESSION_COOKIE])
    const login = await browser.request('/api/login')
    expect(login.setCookies).toEqual([SESSION_COOKIE])
    expect(login.body).toEqual({ id: ours.body.before.id, user: { name: 'Ada' }, loggedInAt: 1, cart: 'ours' })
  })

  it.each(['ours', 'theirs'])('both write in one request, %s first, and send one cookie', async (first) => {
    const browser = new Browser(server)
    for (const visit of ['new', 'known']) {
      const { body, setCookies } = await browser.request(`/api/both?first=${first}`)
      expect(body.ours, visit).toEqual({ ours: true, user: { name: 'Ada' } })
      expect(body.theirs, visit).toMatchObject(body.ours)
      expect(setCookies, visit).toEqual([SESSION_COOKIE])
      expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ id: body.theirs.id, data: body.ours })
    }
  })

  it('a user who logged in before the module was added stays logged in', async () => {
    const browser = new Browser(await testServer('auth-alone', { NUXT_SESSION_PASSWORD }))
    const { body: login } = await browser.request('/api/login')
    browser.server = server
    expect((await browser.request('/api/me')).body).toEqual(login)
    const { body, setCookies } = await browser.request('/api/ours?write=cart')
    expect(body.before).toEqual({ id: login.id, data: { user: { name: 'Ada' }, loggedInAt: 1 } })
    expect(setCookies).toEqual([SESSION_COOKIE])
  })

  it('a user stays logged in when the module is removed', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    const { body: { theirs } } = await browser.request('/api/ours?write=cart')
    browser.server = await testServer('auth-alone', { NUXT_SESSION_PASSWORD })
    expect((await browser.request('/api/me')).body).toEqual(theirs)
  })

  it('a session by header is the same for both', async () => {
    const token = await sealPayload(payload({ data: { user: { name: 'Ada' } } }), NUXT_SESSION_PASSWORD)
    const headers = { 'x-nuxt-session-session': token }
    const { body } = await new Browser(server).request('/api/ours', { headers })
    expect(body.before.data).toEqual({ user: { name: 'Ada' } })
    expect((await new Browser(server).request('/api/me', { headers })).body).toMatchObject({ user: { name: 'Ada' } })
  })

  it('its logout ends our session', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    await browser.request('/api/logout')
    expect((await browser.request('/api/me')).body).not.toHaveProperty('user')
    expect((await browser.request('/api/ours')).body.before.data).toEqual({})
  })

  it('its logout is not undone by a write of ours in the same request', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    expect((await browser.request('/api/logout?write=note')).body).toEqual({ data: { note: 'ours' } })
    expect((await browser.request('/api/me')).body).not.toHaveProperty('user')
  })

  it('a session that needs chunks is rejected: its h3 cannot read them', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    const answer = await browser.request('/api/ours?write=big&large=5000')
    expect(answer.status).toBe(500)
    expect(answer.setCookies).toEqual([])
    expect((await browser.request('/api/me')).body).toMatchObject({ user: { name: 'Ada' } })
    expect(server.stderr).toContain('SESSION_TOO_LARGE')
  })

  it('an array of passwords stops the server with SESSION_CONFIG_INVALID and the fix', async () => {
    const passwords = [testPassword(), testPassword()]
    const { code, stderr } = await failToStart(app, { NUXT_SESSION_PASSWORD: JSON.stringify(passwords) })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_CONFIG_INVALID')
    expect(stderr).toContain('name')
    for (const password of passwords) expect(stderr).not.toContain(password)
  })

  it('a preset of the environment stops the server with SESSION_CONFIG_INVALID and the fix', async () => {
    const { code, stderr } = await failToStart(app, { NUXT_SESSION_PASSWORD, NUXT_SESSION_PRESET: 'strict' })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_CONFIG_INVALID')
    expect(stderr).toContain('Write session: { preset: \'strict\' } in nuxt.config')
  })

  it('with another name, our session can have an array of passwords beside its session', async () => {
    const passwords = [testPassword(), testPassword()]
    const named = await testServer(app, { NUXT_SESSION_PASSWORD, NUXT_SESSION_NAMED: JSON.stringify({ app: { password: passwords } }) })
    const browser = new Browser(named)
    await browser.request('/api/login')
    const { setCookies } = await browser.request('/api/ours?name=app&write=key')
    expect(setCookies).toEqual([{ name: 'app', value: expect.stringMatching(/^Fe26/), attributes: ATTRIBUTES }])
    expect(await openSeal(setCookies[0]!.value, passwords[0]!)).toMatchObject({ data: { key: 'ours' } })
    const again = await browser.request('/api/ours?name=app')
    expect(again.body).toMatchObject({ before: { data: { key: 'ours' } }, theirs: { user: { name: 'Ada' } } })
  })

  it('options from the environment apply to the cookie, whichever of the two writes it', async () => {
    const configured = await testServer(app, { NUXT_SESSION_PASSWORD, NUXT_SESSION_COOKIE_SAME_SITE: 'strict', NUXT_SESSION_MAX_AGE: '600' })
    const attributes = { ...ATTRIBUTES, SameSite: 'Strict', Expires: expect.any(String) }
    for (const path of ['/api/login', '/api/ours?write=cart']) {
      const { setCookies } = await new Browser(configured).request(path)
      expect(setCookies, path).toEqual([{ ...SESSION_COOKIE, attributes }])
    }
  })

  it('warns of what it sends to the browser, once in the build and once at the start', async () => {
    const own = await testServer(app, { NUXT_SESSION_PASSWORD })
    for (const log of [(await buildApp(app)).log, own.stderr]) {
      expect(log.match(WARNING)).toHaveLength(1)
      expect(log, 'an app that moves over would log everybody out').toContain('a session of its own, which nobody is logged in to yet')
      expect(log).toContain('session: { name: \'app\' }')
    }
  })

  it('sends the browser all our data except `secure`, as warned', async () => {
    const browser = new Browser(server)
    const { body: { totpSecret } } = await browser.request('/api/private')
    for (const path of ['/api/_auth/session', '/']) {
      const { text } = await browser.request(path)
      expect(text, path).toContain(totpSecret)
      expect(text, path).not.toContain('PRIVATE-below-secure')
    }
  })

  it('the build reports no duplicated imports', async () => {
    expect((await buildApp(app)).log).not.toMatch(/duplicated imports/i)
  })
})

describe('nuxt-auth-utils beside our session with another name', () => {
  const server = suiteServer('auth-own', { NUXT_SESSION_PASSWORD })
  const OWN_COOKIE = { name: 'app', value: expect.stringMatching(/^Fe26/), attributes: { ...ATTRIBUTES, Expires: expect.any(String) } }

  it('causes no warning, neither in the build nor at the start', async () => {
    const { log } = await buildApp('auth-own')
    expect([log.match(WARNING), server.stderr]).toEqual([null, ''])
  })

  it.each(['before', 'after'])('sends the browser none of our data, written %s its login', async (when) => {
    const browser = new Browser(server)
    const paths = ['/api/private', '/api/login']
    for (const path of when === 'before' ? paths : paths.toReversed()) await browser.request(path)
    const { body: { before: { id } } } = await browser.request('/api/ours')
    for (const path of ['/api/_auth/session', '/']) {
      const { text } = await browser.request(path)
      expect(text, path).toContain('Ada')
      for (const hidden of ['PRIVATE', 'SHOWN', id]) expect(text, path).not.toContain(hidden)
    }
  })

  it('keeps its session as it was, and ours has the options of `session`', async () => {
    const browser = new Browser(server)
    expect((await browser.request('/api/login')).setCookies).toEqual([SESSION_COOKIE])
    expect((await browser.request('/api/private')).setCookies).toEqual([OWN_COOKIE])
    expect((await browser.request('/api/ours')).body).toMatchObject({ before: { data: { shown: 'SHOWN' } }, theirs: { user: { name: 'Ada' } } })
    await browser.request('/api/logout')
    expect((await browser.request('/api/me')).body).not.toHaveProperty('user')
    expect((await browser.request('/api/ours')).body.before.data).toHaveProperty('shown')
  })

  it('neither session is accepted as the other if ours has its own password', async () => {
    const own = await testServer('auth-own', { NUXT_SESSION_PASSWORD, NUXT_SESSION_NAMED_APP_PASSWORD: testPassword() })
    const browser = new Browser(own)
    await browser.request('/api/private')
    await browser.request('/api/login')
    const [ours, theirs] = ['app', 'nuxt-session'].map(name => browser.jar.get(name)!)
    browser.jar.clear()
    browser.jar.set('nuxt-session', ours!).set('app', theirs!)
    for (const path of ['/api/_auth/session', '/']) expect((await browser.request(path)).text, path).not.toContain('PRIVATE')
    expect((await browser.request('/api/ours')).body.before.data).toEqual({})
  })

  it('its session is not accepted under our name, even if both have one password', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    browser.jar.set('app', browser.jar.get('nuxt-session')!)
    expect((await browser.request('/api/ours')).body.before.data).toEqual({})
  })

  it('our endpoint answers with our session', async () => {
    const browser = new Browser(server)
    await browser.request('/api/login')
    await browser.request('/api/private')
    expect((await browser.request('/api/_session', { headers: { 'sec-fetch-site': 'same-origin' } })).body).toEqual({ shown: 'SHOWN' })
  })

  it('a user who was logged in when both shared a session stays logged in', async () => {
    const browser = new Browser(await testServer('auth-first', { NUXT_SESSION_PASSWORD }))
    await browser.request('/api/login')
    browser.server = server
    expect((await browser.request('/api/me')).body).toMatchObject({ user: { name: 'Ada' } })
    expect((await browser.request('/api/ours')).body.before.data).toEqual({})
  })

  it('ours has the preset of the environment, and its session none', async () => {
    const strict = await testServer('auth-own', { NUXT_SESSION_PASSWORD, NUXT_SESSION_PRESET: 'strict' })
    const browser = new Browser(strict)
    expect((await browser.request('/api/login')).setCookies).toEqual([SESSION_COOKIE])
    expect((await browser.request('/api/ours')).setCookies).toEqual([])
    expect((await browser.request('/api/ours?write=key')).setCookies).toEqual([OWN_COOKIE])
    expect((await browser.request('/api/login', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  })

  it('ours can have several passwords, chunks, and options of the environment', async () => {
    const passwords = [testPassword(), testPassword()]
    const own = await testServer('auth-own', { NUXT_SESSION_PASSWORD, NUXT_SESSION_NAMED_APP_PASSWORD: JSON.stringify(passwords), NUXT_SESSION_NAMED_APP_COOKIE_SAME_SITE: 'strict' })
    const browser = new Browser(own)
    expect((await browser.request('/api/login')).setCookies).toEqual([SESSION_COOKIE])
    const { setCookies } = await browser.request('/api/ours?write=key')
    expect(setCookies).toEqual([{ ...OWN_COOKIE, attributes: { ...OWN_COOKIE.attributes, SameSite: 'Strict' } }])
    expect(await openSeal(setCookies[0]!.value, passwords[0]!)).toMatchObject({ data: { key: 'ours' } })
    expect((await browser.request('/api/ours?write=big&large=3500')).setCookies).toHaveLength(3)
  })
})

describe('nuxt-auth-utils without the module', () => {
  beforeAll(() => buildApp('auth-alone'))

  it('sets its own cookie, and none of ours', async () => {
    const server = await testServer('auth-alone', { NUXT_SESSION_PASSWORD })
    const { setCookies } = await new Browser(server).request('/api/login')
    const sealed = await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)
    expect(Object.keys(sealed)).not.toContain('name')
  })
})
