import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Browser, visit } from './support/browser'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { NEXT, TARGET_NAME, targetNamed } from './support/targets'
import { rawRequest } from '../support/raw-request'
import { until } from '../support/until'

const NUXT_SESSION_PASSWORD = testPassword()
const REFUSED = { code: 'SESSION_CACHED_ROUTE', statusCode: 500, at: expect.any(Number) }
const WRITES = [
  'update', 'replace', 'regenerate', 'flash', 'clear', 'clear-then-update', 'update-by-function', 'regenerate-by-function',
  'clear-by-function', 'seal',
]

/** The path of an entry that no other test uses. */
const route = (key: string, op: string) => `/api/keyed/${key}/${op}/${randomUUID()}`

describe('in a cached handler that varies by the cookie', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  async function member(name: string) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id: `ID-of-${name}`, data: { name, role: 'admin' } }), NUXT_SESSION_PASSWORD))
    return browser
  }

  const withToken = (token: string) => {
    const browser = new Browser(server)
    browser.jar.set('h3', token)
    return browser
  }

  const rejected = () => withToken('garbage')

  describe.each([['a new visitor', () => new Browser(server)], ['a visitor whose token is rejected', rejected]])('%s', (_who, visitor) => {
    it.each(['read', 'read-by-get', 'two'])('creates no session with "%s"', async (op) => {
      const path = route('varies', op)
      const [first, second] = [await visitor().request(path), await visitor().request(path)]
      expect([first.status, first.setCookies, second.setCookies]).toEqual([200, [], []])
      expect(first.text).not.toContain('Fe26')
      if (op === 'read') expect(first.body.result).toEqual({ data: {}, isNew: true })
      expect(second.body.result).toEqual(first.body.result)
    })

    it.each(WRITES)('creates no session with "%s": SESSION_CACHED_ROUTE', async (op) => {
      const { body, setCookies } = await visitor().request(route('varies', op))
      expect([body, setCookies]).toEqual([REFUSED, []])
    })

    it('gets 401 from requireSession', async () => {
      const { status, setCookies } = await visitor().request(route('varies', 'require'))
      expect([status, setCookies]).toEqual([401, []])
    })

    it('gets 401 each time from a requireSession that is not awaited', async () => {
      const path = route('varies', 'require-later')
      const answers = [await visitor().request(path), await visitor().request(path)]
      expect(answers.map(({ status, text }) => [status, text.includes('secret')])).toEqual([[401, false], [401, false]])
    })

    it('reads nothing of the session that a middleware created', async () => {
      const path = route('varies', 'read')
      const first = await visitor().request(path, { headers: { 'x-touch': '1' } })
      expect(first.body.result).toEqual({ data: {}, isNew: true })
      expect([first.setCookies.length, first.headers.get('cache-control')]).toEqual([1, 'no-store'])
      const second = await visitor().request(path)
      expect([second.body.result, second.setCookies]).toEqual([{ data: {}, isNew: true }, []])
    })

    it('cannot use the manager of a middleware', async () => {
      const { body } = await visitor().request(route('varies', 'read-manager'), { headers: { 'x-touch': '1' } })
      expect(body).toEqual(REFUSED)
    })
  })

  it('a hook that writes at a rejected token creates no session', async () => {
    const { status, setCookies } = await rejected().request(route('varies', 'read'), { headers: { 'x-test-hook': 'write session:reject' } })
    expect([status, setCookies]).toEqual([200, []])
  })

  it('a session that the app\'s hook rejects is not created again', async () => {
    const ada = await member('Ada')
    const { body, setCookies } = await ada.request(route('varies', 'read'), { headers: { 'x-test-hook': 'reject session:load' } })
    expect([body.result, setCookies]).toEqual([{ data: {}, isNew: true }, []])
  })

  it('each member has a separate entry', async () => {
    const path = route('varies', 'read')
    const [ada, bob] = [await member('Ada'), await member('Bob')]
    const first = await ada.request(path)
    expect(first.body.result.data.name).toBe('Ada')
    expect((await bob.request(path)).body.result.data.name).toBe('Bob')
    expect((await visit(server, path)).body.result.data).toEqual({})
    expect((await ada.request(path)).body).toEqual(first.body)
  })

  it('an entry with a session is private, whenever it is served', async () => {
    const path = route('varies', 'read')
    const ada = await member('Ada')
    for (const time of ['filling', 'hit', 'hit']) {
      const { headers } = await ada.request(path)
      expect([time, headers.get('cache-control')]).toEqual([time, 'private, no-cache'])
      expect(headers.get('vary')?.toLowerCase()).toMatch(/\bcookie\b/)
      expect([...headers.keys()].filter(name => name.includes('nuxt-h3-session'))).toEqual([])
    }
  })

  it.each(WRITES.filter(op => op !== 'seal' && op !== 'clear-then-update'))('a member writes with "%s"; the response is not cached', async (op) => {
    const path = route('varies', op)
    const ada = await member('Ada')
    const before = ada.cookieHeader
    const first = await ada.request(path)
    expect(first.setCookies).toHaveLength(1)
    expect(first.headers.get('cache-control')).toBe('no-store')
    const second = await visit(server, path, { cookie: before })
    expect(second.setCookies).toHaveLength(1)
    expect(second.setCookies[0]!.value === first.setCookies[0]!.value).toBe(op.startsWith('clear'))
    expect(second.body.at).not.toBe(first.body.at)
  })

  it('a member who logs out there gets no new session', async () => {
    const { body, setCookies } = await (await member('Ada')).request(route('varies', 'clear-then-update'))
    expect(body).toEqual(REFUSED)
    expect(setCookies.map(({ value }) => value)).toEqual([''])
  })

  it('the response after a middleware\'s login is not cached for the token before it', async () => {
    const path = route('varies', 'read')
    const ada = await member('Ada')
    const before = ada.cookieHeader
    const first = await ada.request(path, { headers: { 'x-touch': 'regenerate' } })
    expect(first.body.result.data).toMatchObject({ regenerated: true })
    expect((await visit(server, path, { cookie: before })).body.result.data).not.toHaveProperty('regenerated')
  })

  it('a session by header has its own entry too', async () => {
    const path = route('varies', 'read')
    const token = (await member('Ada')).jar.get('h3')!
    expect((await visit(server, path, { 'x-h3-session': token })).body.result.data.name).toBe('Ada')
    expect((await visit(server, path)).body.result.data).toEqual({})
  })

  it('a member\'s HEAD request is not cached for others', async () => {
    const path = route('varies', 'read')
    await (await member('Ada')).request(path, { method: 'HEAD' })
    expect((await visit(server, path)).body.result.data).toEqual({})
  })

  it('a request without any other header creates no session either', async () => {
    const port = Number(new URL(server.url).port)
    const { status, headers } = await rawRequest(port, route('varies', 'read'))
    expect([status, headers['set-cookie']]).toEqual([200, undefined])
    expect((await rawRequest(port, route('varies', 'update'))).text).toContain('SESSION_CACHED_ROUTE')
  })

  it('members at the same time get separate responses', async () => {
    const path = route('varies', 'read')
    const visitors = await Promise.all(['Ada', 'Bob', 'Eve'].map(member))
    const answers = await Promise.all([...visitors, new Browser(server)].map(browser => browser.request(path)))
    expect(answers.map(({ body }) => body.result.data.name)).toEqual(['Ada', 'Bob', 'Eve', undefined])
  })
})

describe('with a getKey of the app\'s own', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  async function member(name: string, cookies: Record<string, string> = {}) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id: `ID-of-${name}`, data: { name, role: 'admin' } }), NUXT_SESSION_PASSWORD))
    for (const [cookie, value] of Object.entries(cookies)) browser.jar.set(cookie, value)
    return browser
  }

  it('that contains the session\'s cookie: each member has a separate entry, and it is kept', async () => {
    const path = route('cookie', 'read')
    const [ada, bob] = [await member('Ada', { theme: 'dark' }), await member('Bob', { theme: 'dark' })]
    const first = await ada.request(path)
    expect(first.body.result.data.name).toBe('Ada')
    expect((await bob.request(path)).body.result.data.name).toBe('Bob')
    expect((await visit(server, path)).body.result.data).toEqual({})
    ada.jar.set('theme', 'light')
    expect((await ada.request(path)).body).toEqual(first.body)
  })

  // Two visitors may have the same session data. 'role' reads it from the event, 'content' from the token.
  const SHARED = ['constant', 'theme', 'start', 'user', 'role', 'content']

  it.each(SHARED)('"%s": no visitor gets another\'s response', async (key) => {
    const path = route(key, 'read')
    const [ada, bob] = [await member('Ada', { theme: 'dark' }), await member('Bob', { theme: 'dark' })]
    await ada.request(path, { headers: { 'x-user': '1' } })
    for (const other of [bob, new Browser(server)]) {
      const answer = await other.request(path, { headers: { 'x-user': '1', ...other !== bob && { cookie: 'theme=dark' } } })
      expect(answer.text).not.toContain('Ada')
    }
  })

  it('that is an outer handler\'s: the inner one\'s does not make up for it', async () => {
    const path = `/api/nested/${randomUUID()}`
    const [ada, bob] = [await member('Ada'), await member('Bob')]
    await ada.request(path)
    for (const other of [bob, new Browser(server)]) expect((await other.request(path)).text).not.toContain('Ada')
  })

  it('the first member\'s response is sent to no one else, also in parallel', async () => {
    const path = route('constant', 'read')
    const visitors = await Promise.all(['Ada', 'Bob', 'Eve'].map(name => member(name)))
    const answers = await Promise.all(visitors.map(browser => browser.request(path)))
    for (const [index, { body }] of answers.entries()) expect([undefined, ['Ada', 'Bob', 'Eve'][index]]).toContain(body.result?.data.name)
  })

  describe('that can be checked', () => {
    it.each([...SHARED, 'opened'])('"%s": a session is rejected at once', async (key) => {
      const { body, setCookies } = await (await member('Ada', { theme: 'dark' })).request(route(key, 'read'))
      expect([body, setCookies]).toEqual([REFUSED, []])
    })

    it.each(['constant', 'theme', 'user'])('"%s": a new visitor\'s, too', async (key) => {
      const { body, setCookies } = await visit(server, route(key, 'read'))
      expect([body, setCookies]).toEqual([REFUSED, []])
    })
  })
})

describe('a stored session in a cached handler', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD, NUXT_SESSION_STORAGE: 'memory' })

  async function member() {
    const browser = new Browser(server)
    await browser.ops([{ op: 'update', args: [{ name: 'Ada' }] }])
    expect([...browser.jar.keys()]).toEqual(['h3'])
    return browser
  }

  it('is its visitor\'s, and the entry is kept', async () => {
    const path = route('varies', 'read')
    const ada = await member()
    const first = await ada.request(path)
    expect([first.body.result.data, first.setCookies]).toEqual([{ name: 'Ada' }, []])
    expect((await visit(server, path)).body.result).toEqual({ data: {}, isNew: true })
    expect((await ada.request(path)).body).toEqual(first.body)
  })

  it.each(['update', 'flash'])('that is written with "%s", without a cookie, is not cached', async (op) => {
    const path = route('varies', op)
    const ada = await member()
    const [first, second] = [await ada.request(path), await ada.request(path)]
    expect([first.body.code, second.body.at === first.body.at]).toEqual([undefined, false])
  })

  it('is not created', async () => {
    for (const op of ['update', 'seal']) expect((await visit(server, route('varies', op))).body).toEqual(REFUSED)
  })
})

describe('a cached handler that runs again after its answer', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })
  const route = (op: string) => `/api/stale/${op}/${randomUUID()}`
  const STALE = { 'x-stale': '1' }

  async function member(name: string) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id: `ID-of-${name}`, data: { name } }), NUXT_SESSION_PASSWORD))
    return browser
  }

  it('has the visitor\'s session, and is not cached for others', async () => {
    const path = route('read')
    const [ada, bob] = [await member('Ada'), await member('Bob')]
    const first = await ada.request(path)
    const stale = await ada.request(path, { headers: STALE })
    expect([first.body.result.data, stale.body.at]).toEqual([{ name: 'Ada' }, first.body.at])
    await until(async () => (await ada.request(path)).body.at !== first.body.at)
    const { body, headers } = await ada.request(path)
    expect([body.result.data, headers.get('cache-control')]).toEqual([{ name: 'Ada' }, 'private, no-cache'])
    expect((await bob.request(path)).body.result.data).toEqual({ name: 'Bob' })
    expect((await visit(server, path)).body.result.data).toEqual({})
  })

  it('creates no session for a new visitor', async () => {
    const path = route('read')
    const first = await visit(server, path)
    const answers = [await visit(server, path, STALE), await visit(server, path), await visit(server, path)]
    expect([first, ...answers].map(({ body, setCookies }) => [body.result, setCookies])).toEqual(Array(4).fill([{ data: {}, isNew: true }, []]))
  })

  it('writes only what its visitor gets', async () => {
    const path = route('update')
    const ada = await member('Ada')
    const before = ada.cookieHeader
    for (const headers of [{}, STALE, STALE]) {
      const { body, setCookies, headers: { get: _, ...__ } } = await visit(server, path, { ...headers, cookie: before })
      expect([body.code ?? 'written', setCookies.length]).toEqual(body.code ? ['SESSION_HEADERS_SENT', 0] : ['written', 1])
    }
  })
})

describe('a route under a cache rule', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })
  const isNext = targetNamed(TARGET_NAME).packages === NEXT

  async function member(name: string, cookies: Record<string, string> = {}) {
    const browser = new Browser(server)
    for (const [cookie, value] of Object.entries(cookies)) browser.jar.set(cookie, value)
    browser.jar.set('h3', await sealPayload(payload({ id: `ID-of-${name}`, data: { name } }), NUXT_SESSION_PASSWORD))
    return browser
  }

  it.each(['varies', ...isNext ? ['allowed'] : []])('"%s" separates visitors, creates no session, and caches', async (kind) => {
    const path = `/api/rules/${kind}/${randomUUID()}`
    const visitors = [await member('Ada', { theme: 'dark' }), await member('Bob', { theme: 'dark' }), new Browser(server), new Browser(server)]
    const first = await Promise.all(visitors.map(browser => browser.request(path)))
    expect(first.map(({ body, setCookies }) => [body.data.name, setCookies])).toEqual([['Ada', []], ['Bob', []], [undefined, []], [undefined, []]])
    const second = await Promise.all(visitors.map(browser => browser.request(path)))
    expect(second.map(({ body }) => body.data.name)).toEqual(['Ada', 'Bob', undefined, undefined])
    expect(second[0]!.body.at).toBe(first[0]!.body.at)
    expect(second[0]!.headers.get('cache-control')).toBe('private, no-cache')
  })

  it.runIf(isNext).each(['others', ...TARGET_NAME === 'h3-2' ? ['keyed'] : []])('"%s" does not separate visitors: a session is rejected', async (kind) => {
    const path = `/api/rules/${kind}/${randomUUID()}`
    for (const browser of [await member('Ada', { theme: 'dark' }), new Browser(server)]) {
      const { status, text, setCookies } = await browser.request(path)
      expect([status, text.includes('Ada'), setCookies]).toEqual([500, false, []])
    }
  })
})
