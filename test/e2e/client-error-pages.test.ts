import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, visit } from './support/browser'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { AS_PAGE, expectNothingHidden, member, payloadOf, textOf } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()
const SESSION_COOKIE = { name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }

describe('an error page', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it('of a page shows the session as the page changed it, and sends it once', async () => {
    const ada = await member(server)
    const answer = await ada.request('/fails', { headers: AS_PAGE })
    expect(answer.status).toBe(418)
    expect(textOf(answer, 'error')).toBe('ready {"public":{"name":"Ada","visits":1}}')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expectNothingHidden(answer)
    expect((await ada.request('/api/seen')).body).toEqual({ visits: 1, isNew: false })
  })

  it('of a new visitor\'s page shows the session that the page began', async () => {
    const browser = new Browser(server)
    const answer = await browser.request('/fails', { headers: AS_PAGE })
    expect(textOf(answer, 'error')).toBe('ready {"public":{"visits":1}}')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
  })

  it('of an API route shows the session as the route changed it, and sends it once', async () => {
    const ada = await member(server)
    const answer = await ada.request('/api/cache-headers?kind=throw&write=dark', { headers: AS_PAGE })
    expect(answer.status).toBe(418)
    expect(textOf(answer, 'error')).toBe('ready {"public":{"name":"Ada"},"theme":"dark"}')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  it('of an API route that read the session is private', async () => {
    const answer = await (await member(server)).request('/api/cache-headers?kind=throw', { headers: AS_PAGE })
    expect(textOf(answer, 'error')).toContain('Ada')
    expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
    expect(answer.setCookies).toEqual([])
  })

  it('sends the state in the header of a session that came by header', async () => {
    const token = (await member(server)).jar.get('h3')!
    const answer = await visit(server, '/fails', { ...AS_PAGE, 'x-h3-session': token })
    expect(textOf(answer, 'error')).toContain('"visits":1')
    expect(await openSeal(answer.headers.get('x-h3-session')!, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { public: { visits: 1 } } })
    expect(answer.setCookies).toHaveLength(1)
  })

  it('shows what h3\'s own functions wrote before the failure, and sends it once', async () => {
    const ada = await member(server)
    const answer = await ada.request('/api/h3-throws', { headers: AS_PAGE })
    expect(textOf(answer, 'error')).toContain('"theme":"by-h3"')
    expect(answer.setCookies).toHaveLength(1)
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' }, theme: 'by-h3' })
  })

  it('of a request that the app made to itself shows the session, too, which the outer response sends', async () => {
    const ada = await member(server)
    const answer = await ada.request('/api/inner?kind=html-throws')
    expect(textOf(answer, 'error')).toContain('"visits":1')
    expect(answer.setCookies).toEqual([SESSION_COOKIE])
    expect((await ada.request('/api/seen')).body).toEqual({ visits: 1, isNew: false })
  })

  it.each(['forged', '', '__proto__'])('is not adopted by an external request with %j', async (key) => {
    const headers = { ...AS_PAGE, 'x-nuxt-h3-session-failed': key, 'x-nuxt-error': 'true' }
    const ada = await member(server)
    const plain = await visit(server, '/api/cache-headers?kind=throw', headers)
    expect(plain.text).not.toContain('Ada')
    expect((await ada.request('/api/inner?kind=two', { headers })).body).toEqual([{ visits: 1 }, { visits: 2 }, { visits: 2, isNew: false }])
    expect((await visit(server, '/api/inner?kind=two', headers)).body).toEqual([{ visits: 1 }, { visits: 2 }, { visits: 2, isNew: true }])
  })

  it.each(['/fails', '/api/cache-headers?kind=throw'])('of %s for two visitors at the same time shows each the right session', async (path) => {
    const names = ['Ada', 'Bob', 'Eve', 'Kim']
    const visitors = await Promise.all(names.map(name => member(server, { public: { name } })))
    const answers = await Promise.all(visitors.map(visitor => visitor.request(path, { headers: AS_PAGE })))
    for (const [index, answer] of answers.entries()) {
      for (const name of names) expect(answer.text.includes(name), `${name} in ${index}`).toBe(name === names[index])
    }
  })
})

describe('an error page while a renewal is due', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD, NUXT_SESSION_IDLE_TIMEOUT: '1000' })
  const idle = () => member(server, undefined, { lastSeenAt: Date.now() - 600_000 })

  it.each([
    ['/fails', { visits: 1 }], ['/api/inner?kind=throws', { visits: 1 }], ['/api/cache-headers?kind=throw', {}],
  ])('does not bring back what %s had changed', async (path, changed) => {
    const ada = await idle()
    const answer = await ada.request(path, { headers: AS_PAGE })
    expect(answer.status).toBe(418)
    expect(answer.setCookies).toHaveLength(1)
    expect(textOf(answer, 'error')).toBe(`ready ${JSON.stringify({ public: { name: 'Ada', ...changed } })}`)
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada', ...changed } })
  })

  it('does not bring back what h3\'s own functions changed', async () => {
    const ada = await idle()
    const answer = await ada.request('/api/h3-throws', { headers: AS_PAGE })
    expect(answer.setCookies).toHaveLength(1)
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' }, theme: 'by-h3' })
  })
})

describe.each([
  ['the store is down', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'broken' }, 503, 'SESSION_STORE_UNAVAILABLE'],
  ['there is no password', { NUXT_SESSION_PASSWORD: '' }, 500, 'SESSION_PASSWORD_MISSING'],
])('if %s', (_, env, status, code) => {
  const server = suiteServer('client', env)

  async function ask(path: string, headers: Record<string, string> = AS_PAGE) {
    const browser = new Browser(server)
    const password = NUXT_SESSION_PASSWORD
    browser.jar.set('h3', await sealPayload(payload({ id: 'a'.repeat(43), name: 'h3', data: undefined }), password))
    return browser.request(path, { headers })
  }

  it.each(['/plain', '/cached', '/spa', '/prerendered'])('%s does not need the session and is shown', async (path) => {
    const answer = await ask(path)
    expect([answer.status, answer.setCookies]).toEqual([200, []])
  })

  it.each(['/', '/writes', '/guarded', '/clears', '/fails'])(`%s answers ${status}, logs ${code}, and shows the visitor no details`, async (path) => {
    const readsSince = async () => (await ask('/api/broken-reads', {})).body as string[]
    await readsSince()
    const before = server.stderr.length
    const answer = await ask(path)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(`<h1>${status}</h1>`)
    expect(textOf(answer, 'error')).toBe('unknown {}')
    expect(payloadOf(answer)).not.toMatch(/SESSION_|storeTimeout|PASSWORD|broken/)
    expect(answer.setCookies).toEqual([])
    expect(server.stderr.slice(before)).toContain(code)
    // A page, its guard and its error page wait only once for a store that does not answer.
    expect((await readsSince()).filter(key => /^[\da-f]{64}$/.test(key))).toHaveLength(status === 503 ? 1 : 0)
  })

  it.each(['/api/_session', '/api/seen', '/api/inner?kind=two'])(`%s answers ${status}`, async (path) => {
    const answer = await ask(path, {})
    expect([answer.status, answer.body.message]).toEqual([status, 'Server Error'])
    expect(answer.setCookies).toEqual([])
  })
})
