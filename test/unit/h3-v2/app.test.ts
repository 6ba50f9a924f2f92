import { deleteCookie, H3, HTTPError, redirect, requestWithURL, setCookie, useSession as h3UseSession } from 'h3-next'
import type { H3Event } from 'h3-next'
import memoryDriver from 'unstorage/drivers/memory'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listSessions, requireSession, sessions, updateSession, useSession } from '../../../src/runtime/h3-app'
import type { SessionsOptions } from '../../../src/runtime/h3-app'

const PASSWORD = 'test-only-password-of-an-app-of-h3-2'

function serve(handler: (event: H3Event) => unknown, options: SessionsOptions = {}) {
  const app = new H3({ silent: true }).register(sessions({ password: PASSWORD, ...options }))
  return app.all('/**', handler)
}

const cookieOf = (response: Response) => response.headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
const write = async (event: H3Event) => (await useSession<{ a: number }>(event)).update({ a: 1 })

describe('a write survives what the response does', () => {
  const answers: Record<string, (event: H3Event) => unknown> = {
    value: () => ({ ok: true }),
    redirect: () => redirect('/elsewhere'),
    frozen: () => Response.redirect('http://localhost/elsewhere'),
    web: () => new Response('web', { headers: { 'set-cookie': 'other=1', 'cache-control': 'public, max-age=60' } }),
    failed: () => new Response('no', { status: 418 }),
    throw: () => { throw new HTTPError({ status: 418 }) },
    crash: () => { throw new TypeError('crash for the test') },
    stream: () => new ReadableStream({ start: controller => controller.close() }),
    noContent: () => new Response(null, { status: 204 }),
  }

  it.each(Object.keys(answers))('%s', async (kind) => {
    const app = serve(async (event) => {
      await write(event)
      return answers[kind]!(event)
    })
    const response = await app.request('/')
    expect(response.headers.getSetCookie().filter(line => line.startsWith('h3=Fe26.2'))).toHaveLength(1)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('vary')).toBe('Cookie, x-h3-session')
  })

  it.each(['frozen', 'throw', 'web', 'value'])('%s after a read is private', async (kind) => {
    const app = serve(async (event) => {
      await useSession(event, { saveUninitialized: false })
      return answers[kind]!(event)
    })
    const response = await app.request('/')
    expect([response.headers.get('cache-control'), response.headers.get('vary')]).toEqual(['private, no-cache', 'Cookie, x-h3-session'])
  })

  it('a response of the app\'s own error handler', async () => {
    const app = new H3({ silent: true, onError: () => new Response('ours', { status: 500, headers: { 'cache-control': 'public' } }) })
    app.register(sessions({ password: PASSWORD })).get('/', async (event) => {
      await write(event)
      throw new TypeError('crash for the test')
    })
    const response = await app.request('/')
    expect([await response.text(), cookieOf(response), response.headers.get('cache-control')]).toEqual(['ours', expect.stringMatching(/^h3=Fe26/), 'no-store'])
  })

  it('an immutable response of the app\'s own error handler', async () => {
    const app = new H3({ silent: true, onError: () => Response.redirect('http://localhost/sorry') })
    app.register(sessions({ password: PASSWORD })).get('/', async (event) => {
      await write(event)
      throw new TypeError('crash for the test')
    })
    const response = await app.request('/')
    expect([response.status, cookieOf(response), response.headers.get('cache-control')]).toEqual([302, expect.stringMatching(/^h3=Fe26/), 'no-store'])
  })

  it.each(['value', 'frozen'])('%s, when a hook of the app writes it at last', async (kind) => {
    const app = new H3({ onResponse: async (_response, event) => void await write(event) })
    app.register(sessions({ password: PASSWORD })).get('/', answers[kind]!)
    const response = await app.request('/')
    expect([cookieOf(response), response.headers.get('cache-control')]).toEqual([expect.stringMatching(/^h3=Fe26/), 'no-store'])
  })

  it('whatever a hook of the app sets on the response', async () => {
    const app = new H3({ onResponse: response => response.headers.set('cache-control', 'public') })
    app.register(sessions({ password: PASSWORD })).get('/', write)
    expect((await app.request('/')).headers.get('cache-control')).toBe('no-store')
  })

  it('unless the app itself sets the cookie', async () => {
    const app = serve(async (event) => {
      await write(event)
      deleteCookie(event, 'h3')
      return 'out'
    })
    expect((await app.request('/')).headers.getSetCookie()).toEqual([expect.stringMatching(/^h3=; Max-Age=0/)])
  })

  it('a write while the body is streamed throws SESSION_HEADERS_SENT', async () => {
    const app = serve(async (event) => {
      const session = await useSession<{ a: number }>(event)
      return new ReadableStream({
        async pull(controller) {
          await new Promise(resolve => setTimeout(resolve, 5))
          const code = await session.update({ a: 1 }).then(() => 'written', error => error.code)
          controller.enqueue(new TextEncoder().encode(code))
          controller.close()
        },
      }, { highWaterMark: 0 })
    })
    expect(await (await app.request('/')).text()).toBe('SESSION_HEADERS_SENT')
  })
})

describe('an app of h3 2', () => {
  it('does not change a response that used no session', async () => {
    const response = await serve((event) => {
      setCookie(event, 'app', '1')
      return 'plain'
    }).request('/')
    expect(Object.fromEntries(response.headers)).toEqual({ 'set-cookie': 'app=1; Path=/' })
  })

  it('keeps a visitor\'s session', async () => {
    const app = serve(async (event) => {
      const session = await useSession<{ visits: number }>(event)
      await session.update(({ visits = 0 }) => ({ visits: visits + 1 }))
      return session.data
    })
    const cookie = cookieOf(await app.request('/'))
    expect(await (await app.request('/', { headers: { cookie } })).json()).toEqual({ visits: 2 })
  })

  it('shares a session with h3\'s own functions in one request', async () => {
    const app = serve(async (event) => {
      await write(event)
      const theirs = await h3UseSession<{ b?: number }>(event, { password: PASSWORD })
      await theirs.update({ b: 2 })
      return { theirs: theirs.data, ours: (await useSession(event)).data }
    })
    const response = await app.request('/')
    expect(await response.json()).toEqual({ theirs: { a: 1, b: 2 }, ours: { a: 1, b: 2 } })
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })

  it('answers requireSession with 401 and a code', async () => {
    const response = await serve(event => requireSession(event, { userId: true })).request('/')
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ message: 'Log in first.', data: { code: 'SESSION_REQUIRED' } })])
  })

  it('refuses an update in the place of the options, and takes an update that is undefined', async () => {
    const app = serve(event => Promise.all([
      updateSession(event, { name: 'Ada' }).catch(error => error.message),
      updateSession(event, { maxAge: 60 }, undefined).then(({ data }) => data),
    ]))
    expect(await (await app.request('/')).json()).toEqual([expect.stringContaining('updateSession() got no data'), {}])
  })

  it('keeps sessions by a driver of unstorage, and calls the hooks', async () => {
    const update = vi.fn()
    const app = serve(async (event) => {
      await (await useSession(event)).regenerate({ userId: 'u1' })
      return (await listSessions({ userId: 'u1' })).sessions.length
    }, { storage: memoryDriver() as never, hooks: { 'session:regenerate': update } })
    expect(await (await app.request('/')).json()).toBe(1)
    expect(update).toHaveBeenCalledOnce()
  })

  it('throws with the fix if a call needs a store and there is none', async () => {
    const app = serve(event => useSession(event, { storage: true }).then(() => 'opened', error => error.message))
    expect(await (await app.request('/')).text()).toMatch(/SESSION_CONFIG_INVALID.*sessions\(\{ storage: /)
  })

  it('throws with what is missing', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const app = serve(event => useSession(event).then(() => 'opened', error => error.message), { password: '' })
    expect(await (await app.request('/')).text()).toContain('SESSION_PASSWORD')
    expect(() => new H3().register(sessions({ password: 'short' }))).toThrow('SESSION_PASSWORD_WEAK')
    vi.restoreAllMocks()
  })
})

describe('a request of the app to itself', () => {
  const count = async (event: H3Event) => {
    const session = await useSession<{ count: number }>(event)
    await session.update(({ count = 0 }) => ({ count: count + 1 }))
    return session.data
  }
  const inner = (app: H3, event: H3Event) => app.fetch(requestWithURL(event.req, 'http://localhost/inner'))

  function appWith(handler: (event: H3Event, app: H3) => unknown) {
    const app = new H3({ silent: true }).register(sessions({ password: PASSWORD }))
    return app.get('/inner', count).get('/', event => handler(event, app))
  }

  it('with its context is part of the outer one: one cookie', async () => {
    const response = await appWith((event, app) => inner(app, event)).request('/')
    expect(await response.json()).toEqual({ count: 1 })
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^h3=Fe26/)])
  })

  it('with its context does not end the outer one: later writes work', async () => {
    const response = await appWith(async (event, app) => [await (await inner(app, event)).json(), await count(event)]).request('/')
    expect(await response.json()).toEqual([{ count: 1 }, { count: 2 }])
    expect(response.headers.getSetCookie()).toHaveLength(1)
  })

  it('with its context does not end a check that the outer one still awaits', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const app = appWith(async (event, app) => {
      const checking = requireSession(event)
      const { status } = await app.fetch(requestWithURL(event.req, 'http://localhost/open'))
      return [status, await checking.then(() => 'let in', error => error.status)]
    }).get('/open', () => 'open')
    expect(await (await app.request('/')).json()).toEqual([200, 401])
    expect(warn).not.toHaveBeenCalled()
  })

  it('without it is independent', async () => {
    const response = await appWith(async (_event, app) => (await app.request('/inner')).json()).request('/')
    expect(await response.json()).toEqual({ count: 1 })
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it.each(['app', 'fetch'])('an app that is mounted with its %s shares the session', async (kind) => {
    const mounted = new H3().get('/inner', count)
    const app = new H3().register(sessions({ password: PASSWORD })).use(async (event, next) => {
      const value = await next()
      await count(event)
      return value
    })
    const response = await app.mount('/sub', kind === 'app' ? mounted : mounted.fetch).request('/sub/inner')
    expect(response.headers.getSetCookie()).toHaveLength(1)
    const cookie = cookieOf(response)
    expect((await (await app.request('/sub/inner', { headers: { cookie } })).json()).count).toBeGreaterThan(2)
  })
})

describe('SESSION_PASSWORD of the environment', () => {
  afterEach(() => { vi.unstubAllEnvs() })

  it('seals if no password is given', async () => {
    vi.stubEnv('SESSION_PASSWORD', PASSWORD)
    const cookie = cookieOf(await serve(write, { password: undefined }).request('/'))
    const response = await serve(async event => (await useSession(event)).data).request('/', { headers: { cookie } })
    expect(await response.json()).toEqual({ a: 1 })
  })

  it('can be a JSON array for rotation', async () => {
    const cookie = cookieOf(await serve(write).request('/'))
    vi.stubEnv('SESSION_PASSWORD', JSON.stringify(['test-only-password-that-comes-after-it', PASSWORD]))
    const response = await serve(async event => (await useSession(event)).data, { password: undefined }).request('/', { headers: { cookie } })
    expect(await response.json()).toEqual({ a: 1 })
  })

  it('is rejected if one of the array is weak', () => {
    vi.stubEnv('SESSION_PASSWORD', JSON.stringify([PASSWORD, 'short']))
    expect(() => new H3().register(sessions())).toThrow('SESSION_PASSWORD_WEAK')
  })
})

describe('a response of a cached handler', () => {
  it.each(['returns', 'throws'])('that %s an immutable value is sent unchanged if no header is needed', async (what) => {
    const app = new H3({ onError: () => Response.redirect('http://localhost/elsewhere') })
    app.register(sessions({ password: PASSWORD, cacheHeaders: false })).get('/', async (event) => {
      event.context.routeRules = { cache: { varies: ['cookie'] } }
      await useSession(event)
      if (what === 'returns') return Response.redirect('http://localhost/elsewhere')
      throw new HTTPError({ status: 418 })
    })
    const log = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => log.mockRestore())
    const response = await app.request('/')
    expect([response.status, response.headers.get('location'), log.mock.calls]).toEqual([302, 'http://localhost/elsewhere', []])
  })

  it.each(['', ' ', ' h3 0a', 'cookie h3', 'no owner'])('with the invalid owners "%s" is not sent', async (owners) => {
    const onError = vi.fn()
    const app = new H3({ silent: true, onError }).register(sessions({ password: PASSWORD }))
    app.get('/', () => new Response('of an entry', { headers: { 'x-nuxt-h3-session-owners': owners } }))
    expect(await (await app.request('/')).text()).not.toContain('of an entry')
    expect(onError.mock.calls).toMatchObject([[{ status: 500, cause: { code: 'SESSION_CACHED_ROUTE' } }, expect.anything()]])
  })
})
