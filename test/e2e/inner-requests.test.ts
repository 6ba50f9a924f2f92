import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, REMOVAL_ATTRIBUTES, visit } from './support/browser'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { expectNothingHidden, member } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const SESSION_COOKIE = { name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }
const OTHER_COOKIE = { name: 'own', value: '1', attributes: { Path: '/' } }
const ask = (browser: Browser, kind: string, headers?: Record<string, string>) => browser.request(`/api/inner?kind=${kind}`, { headers })

describe('a request of the app to itself', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })
  const sealedIn = (value: string) => openSeal(value, NUXT_SESSION_PASSWORD)
  const seen = async (browser: Browser) => (await browser.request('/api/seen')).body

  it.each<[kind: string, status: number, body: unknown, visits: number]>([
    ['two', 200, [{ visits: 1 }, { visits: 2 }, { visits: 2, isNew: false }], 2],
    ['nested', 200, [{ visits: 1 }, { visits: 2 }, { visits: 2, isNew: false }], 2],
    ['fetch', 200, 0, 1],
    ['throws', 418, expect.objectContaining({ statusCode: 418 }), 1],
    ['inner-throws', 200, 'caught', 1],
    ['redirects', 302, expect.any(String), 1],
    ['added', 200, { visits: 1 }, 1],
  ])('%s: the outer response sends the last state, once', async (kind, status, body, visits) => {
    for (const browser of [await member(server), new Browser(server)]) {
      const isMember = browser.jar.size > 0
      const answer = await ask(browser, kind)
      expect(answer.status).toBe(status)
      expect(answer.body).toEqual(isMember || !Array.isArray(body) ? body : [...body.slice(0, 2), { visits: 2, isNew: true }])
      expect(answer.setCookies).toEqual([SESSION_COOKIE])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expectNothingHidden(answer)
      expect(await seen(browser)).toEqual({ visits, isNew: false })
      if (isMember) expect(await sealedIn(answer.setCookies[0]!.value)).toMatchObject({ id: 'ID-of-the-session', data: { public: { name: 'Ada' } } })
    }
  })

  it('in parallel with others loses nothing', async () => {
    for (const browser of [await member(server), new Browser(server)]) {
      const { body, setCookies } = await ask(browser, 'parallel')
      expect(body).toHaveLength(3)
      expect(setCookies).toEqual([SESSION_COOKIE])
      expect(await seen(browser)).toEqual({ visits: 3, isNew: false })
    }
  })

  it('between two updates of the outer route: all three are kept', async () => {
    const ada = await member(server)
    const { body, setCookies } = await ask(ada, 'around')
    expect(body).toMatchObject({ inner: { visits: 1 }, data: { public: { name: 'Ada', visits: 1 }, theme: 'after' } })
    expect(setCookies).toEqual([SESSION_COOKIE])
    expect((await sealedIn(setCookies[0]!.value)).data).toEqual(body.data)
  })

  it('logs in: the outer route sees the user, and the browser gets the new id', async () => {
    const browser = new Browser(server)
    const { body, setCookies } = await ask(browser, 'login')
    expect(body).toEqual({ userId: 'user-Inner', name: 'Inner' })
    expect(setCookies).toEqual([SESSION_COOKIE])
    expect(await sealedIn(setCookies[0]!.value)).toMatchObject({ userId: 'user-Inner', id: expect.stringMatching(/^[\w-]{43}$/) })
  })

  it('logs another user out and in: no data of the other stays', async () => {
    const ada = await member(server, { public: { name: 'Ada' }, theme: 'of-Ada' })
    const { setCookies } = await ask(ada, 'login')
    expect(setCookies).toHaveLength(1)
    const sealed = await sealedIn(setCookies[0]!.value)
    expect(sealed.id).not.toBe('ID-of-the-session')
    expect(sealed.data).toEqual({ public: { name: 'Inner' }, secret: 'SECRET-of-the-session' })
    expect(sealed.flash).toBeUndefined()
  })

  it('logs out: the outer route sees it, and the browser drops the cookie', async () => {
    const { body, setCookies } = await ask(await member(server), 'logout')
    expect(body).toEqual({ data: {} })
    expect(setCookies).toEqual([{ name: 'h3', value: '', attributes: REMOVAL_ATTRIBUTES }])
  })

  it('keeps the outer route\'s own cookies', async () => {
    const { setCookies } = await ask(await member(server), 'own-cookie')
    expect(setCookies).toHaveLength(2)
    expect(setCookies).toEqual(expect.arrayContaining([OTHER_COOKIE, SESSION_COOKIE]))
  })

  it('with another session\'s cookie has that session, which is not in the outer response', async () => {
    const ada = await member(server)
    const other = await sealPayload(payload({ id: 'other', data: { public: { name: 'Bob', visits: 6 } } }), NUXT_SESSION_PASSWORD)
    const answer = await ask(ada, 'other', { 'x-other-cookie': `h3=${other}` })
    expect(answer.body).toEqual({ visits: 7 })
    expect(answer.setCookies).toEqual([])
    expect(await seen(ada)).toEqual({ visits: 0, isNew: false })
  })

  it('without the cookie has a new session each time, which is not in the outer response', async () => {
    const ada = await member(server)
    const answer = await ask(ada, 'anonymous')
    expect(answer.body).toEqual([{ visits: 1 }, { visits: 0, isNew: true }])
    expect(answer.setCookies).toEqual([])
    expect(await seen(ada)).toEqual({ visits: 0, isNew: false })
  })

  it('by the global $fetch is independent', async () => {
    const ada = await member(server)
    const answer = await ask(ada, 'global')
    expect([answer.body, answer.setCookies]).toEqual([{ visits: 1 }, []])
    expect(await seen(ada)).toEqual({ visits: 0, isNew: false })
  })

  it('by header: the response has the state in the header, and in one cookie as in h3', async () => {
    const token = (await member(server)).jar.get('h3')!
    const { body, headers, setCookies } = await visit(server, '/api/inner?kind=two', { 'x-h3-session': token })
    expect(body[2]).toEqual({ visits: 2, isNew: false })
    const answered = headers.get('x-h3-session')!
    expect(await sealedIn(answered)).toMatchObject({ data: { public: { name: 'Ada', visits: 2 } } })
    expect(setCookies.map(({ value }) => value)).toEqual([answered])
    expect((await visit(server, '/api/seen', { 'x-h3-session': answered })).body).toEqual({ visits: 2, isNew: false })
  })

  it('with header and cookie: the header\'s session, inside too', async () => {
    const [ada, bob] = [await member(server), await member(server, { public: { name: 'Bob', visits: 10 } })]
    const { body } = await ask(ada, 'two', { 'x-h3-session': bob.jar.get('h3')! })
    expect(body[2]).toEqual({ visits: 12, isNew: false })
  })

  it('with a garbage token: both see one new session', async () => {
    const browser = new Browser(server)
    browser.jar.set('h3', 'garbage')
    const { body, setCookies } = await ask(browser, 'two')
    expect(body[2]).toEqual({ visits: 2, isNew: true })
    expect(setCookies).toEqual([SESSION_COOKIE])
  })

  it('can require a user, also one who was logged in by another inner request', async () => {
    expect((await ask(await member(server), 'required')).body).toEqual({ userId: 'USER-of-the-session' })
    expect((await ask(new Browser(server), 'login-required')).body).toEqual({ userId: 'user-Inner' })
    const refused = await ask(new Browser(server), 'required')
    expect([refused.status, refused.setCookies]).toEqual([401, []])
  })

  it('is seen by h3\'s own functions in the outer route', async () => {
    const { body, setCookies } = await ask(await member(server), 'h3')
    expect(body).toMatchObject({ public: { name: 'Ada', visits: 1 } })
    expect(setCookies).toHaveLength(1)
  })

  it.each(['member', 'new visitor'])('reads the session that h3\'s own functions opened in the outer route, of a %s', async (who) => {
    const browser = who === 'member' ? await member(server) : new Browser(server)
    const { body, setCookies } = await ask(browser, 'h3-first')
    expect(body).toMatchObject({ inner: { visits: 1 }, data: { public: { visits: 1 } } })
    expect(setCookies).toHaveLength(1)
    expect(await seen(browser)).toEqual({ visits: 1, isNew: false })
  })

  it('changes a session in the store: the outer route sees it, and the browser gets its cookie once', async () => {
    const browser = new Browser(server)
    const first = await ask(browser, 'kept')
    expect(first.body).toEqual({ inner: { data: { public: { name: 'Kept' } }, isNew: true }, data: { public: { name: 'Kept' } } })
    expect(first.setCookies).toEqual([{ ...SESSION_COOKIE, name: 'kept' }])
    const second = await ask(browser, 'kept')
    expect(second.body.inner).toEqual({ data: { public: { name: 'Kept' } }, isNew: false })
    expect(second.setCookies).toEqual([])
    expect((await browser.request('/api/kept')).body).toEqual({ data: { public: { name: 'Kept' } }, isNew: false })
  })

  it('cannot write once the outer response\'s headers went out', async () => {
    const ada = await member(server)
    const answer = await ask(ada, 'late')
    expect([answer.text, answer.setCookies]).toEqual(['early SESSION_HEADERS_SENT', []])
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' } })
  })

  it('of several visitors at the same time has the session of its visitor', async () => {
    const visits = [10, 20, 30, 40]
    const visitors = await Promise.all(visits.map(count => member(server, { public: { visits: count } })))
    const answers = await Promise.all(visitors.map(browser => ask(browser, 'two')))
    expect(answers.map(({ body }) => body[2].visits)).toEqual(visits.map(count => count + 2))
  })
})

describe('a request of the app to itself while a renewal is due', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })

  it.each(['two', 'fetch', 'parallel', 'around', 'throws', 'required', 'anonymous'])('%s: one cookie', async (kind) => {
    const ada = await member(server, undefined, { lastSeenAt: Date.now() - 600_000 })
    const { setCookies } = await ask(ada, kind)
    expect(setCookies).toHaveLength(kind === 'anonymous' ? 0 : 1)
    for (const { value } of setCookies) expect(await openSeal(value, NUXT_SESSION_PASSWORD)).toMatchObject({ id: 'ID-of-the-session' })
  })
})
