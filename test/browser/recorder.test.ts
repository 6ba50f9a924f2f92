import { beforeAll, describe, expect, it } from 'vitest'
import { TARGET_NAME, targetNamed } from '../e2e/support/targets'
import { suiteDevServer } from './support/dev-server'
import { PanelClient } from './support/panel-client'

const server = suiteDevServer()
let panel: PanelClient
beforeAll(async () => {
  panel = await PanelClient.connect(server, !targetNamed(TARGET_NAME).builder.startsWith('nuxt'))
})

describe('the recorder', () => {
  it('notices a cookie that never came back in a request without a session, and in one that needs a session', async () => {
    for (const path of ['/api/anonymous', '/api/members']) {
      const headers = { 'user-agent': `test of ${path}` }
      const { id } = await (await visit('/api/session', { headers })).json()
      await visit(path, { headers })
      await expect.poll(async () => (await panel.state()).sessions.find(session => session.id === id)?.unreturned).toBe(`GET ${path}`)
    }
  })

  it('says at once which request has set the cookie that a denied request lacks', async () => {
    const headers = { 'user-agent': 'test of a fast visitor' }
    await visit('/api/login', { method: 'POST', headers, redirect: 'manual' })
    await visit('/api/members', { headers })
    await expect.poll(async () => (await panel.eventsAt('/api/members')).map(({ explanation }) => explanation)).toEqual([expect.stringContaining('was set by POST /api/login and did not come back.')])
  })

  it('says which request sent the cookie last, also if that one used no session', async () => {
    const headers = { 'user-agent': 'test of a plain request' }
    const cookie = cookieOf(await visit('/api/login', { method: 'POST', headers, redirect: 'manual' }))
    await visit('/api/ready', { headers: { ...headers, cookie } })
    await visit('/api/members', { headers })
    await expect.poll(whyDeniedAtMembers).toContain('was last sent by GET /api/ready.')
  })

  it('says which response of the app has removed the cookie without clear()', async () => {
    const headers = { 'user-agent': 'test of a removed cookie' }
    const cookie = cookieOf(await visit('/api/login', { method: 'POST', headers, redirect: 'manual' }))
    await visit('/api/forget', { method: 'POST', headers: { ...headers, cookie } })
    await visit('/api/members', { headers })
    await expect.poll(whyDeniedAtMembers).toContain('Its cookie was removed by the response to POST /api/forget: the app has deleted or set a cookie of the same name.')
    expect((await panel.state()).sessions.filter(({ overwritten }) => overwritten?.kind === 'app')).toMatchObject([{ overwritten: { method: 'POST', path: '/api/forget' } }])
  })

  // The development servers of Nitro 3 do not tell the app.
  it.runIf(['nuxt', 'nitro'].includes(targetNamed(TARGET_NAME).builder))('says that the client closed the connection before the response, also if the session is used later', async () => {
    await expect(fetch(`${server.url}/api/abandoned`, { method: 'POST', signal: AbortSignal.timeout(100) })).rejects.toThrow('aborted')
    const abandoned = async () => (await panel.state()).requests.find(({ path }) => path === '/api/abandoned')
    await expect.poll(async () => (await abandoned())?.duration).toBeDefined()
    expect((await abandoned())!.status).toBeUndefined()
    expect((await abandoned())!.events.map(({ kind }) => kind)).toContain('create')
  })

  // The development servers of Nitro 3 do not tell the app.
  it.runIf(['nuxt', 'nitro'].includes(targetNamed(TARGET_NAME).builder))('marks no lost update of a write whose client has left', async () => {
    const headers = { cookie: cookieOf(await visit('/api/coupon', { method: 'POST' })) }
    const client = new AbortController()
    const held = fetch(`${server.url}/api/held`, { method: 'POST', headers, signal: client.signal })
    const request = async () => (await panel.state()).requests.find(({ method, path }) => method === 'POST' && path === '/api/held')
    await expect.poll(async () => (await request())?.events.length).toBe(1)
    client.abort()
    await expect(held).rejects.toThrow('aborted')
    await expect.poll(async () => (await request())!.duration).toBeDefined()
    await visit('/api/cart', { method: 'POST', headers, redirect: 'manual' })
    await visit('/api/held')
    await expect.poll(async () => (await request())!.events.map(({ kind, lost }) => [kind, lost])).toEqual([['load', undefined], ['update', undefined]])
  })

  it('sees that a cookie came back in a request that failed before it read the session', async () => {
    const headers = { 'user-agent': 'test of a mistake' }
    const created = await visit('/api/session', { headers })
    const { id } = await created.json()
    await visit('/api/mistake', { headers: { ...headers, cookie: cookieOf(created) } })
    await expect.poll(async () => (await panel.eventsAt('/api/mistake')).map(({ kind, id }) => ({ kind, id }))).toEqual([{ kind: 'fail', id }])
  })

  it('says which call has cleared the last session of a browser, and that a copy of its cookie was used', async () => {
    const headers = { 'user-agent': 'test of a logout' }
    const login = await visit('/api/login', { method: 'POST', headers, redirect: 'manual' })
    const cookie = cookieOf(login)
    await visit('/api/logout', { method: 'POST', headers: { ...headers, cookie }, redirect: 'manual' })
    const ada = async () => (await panel.state()).sessions.find(session => session.key === (key ?? session.key) && session.cleared)
    let key: string | undefined
    await visit('/api/members', { headers })
    await expect.poll(async () => {
      const [event] = await panel.eventsAt('/api/members')
      key = event!.key
      return event!.explanation
    }).toMatch(/The browser's last session \(Ada Lovelace.*\) was cleared by POST \/api\/logout (?:just|\d+ s) before\.$/)
    expect(await ada()).toMatchObject({ ended: 'cleared' })
    // Of the same browser, it would count as one that was on its way.
    await visit('/api/session', { headers: { 'user-agent': 'test of a copied cookie', cookie } })
    await expect.poll(async () => (await ada())?.ended).toBeUndefined()
    const { cleared, data, writers } = (await ada())!
    expect(cleared).toMatchObject({ method: 'POST', path: '/api/logout' })
    expect(Object.keys(data!).every(each => writers!.some(({ key, path }) => key === each && path !== '/api/logout'))).toBe(true)
  })

  it('says which sessions are configured if a route requires one whose name is mistyped', async () => {
    await visit('/api/mistyped')
    await expect.poll(async () => (await panel.eventsAt('/api/mistyped')).map(({ explanation }) => explanation)).toEqual([
      'Log in first. The request sent no token of the session "typo". No session "typo" is configured, and the server has seen none since it started: check the name. Known: "h3", "kept".',
    ])
  })

  it('reports the place of a call that its route returns without await', async () => {
    await visit('/api/returned', { method: 'POST', body: {} })
    await expect.poll(async () => (await panel.eventsAt('/api/returned')).map(({ kind, sources }) => [kind, sources])).toEqual([['create', ['server/api/returned.post.ts:2']], ['regenerate', ['server/api/returned.post.ts:4']]])
  })

  it.runIf(TARGET_NAME !== 'h3-2')('reports the status of a cached handler', async () => {
    const cookie = cookieOf(await visit('/api/session'))
    await visit('/api/cached', { headers: { cookie } })
    await expect.poll(async () => (await requestsAt('/api/cached')).map(({ status, events }) => [status, events.map(({ kind }) => kind)])).toEqual([[200, ['load']]])
  })

  it.runIf(targetNamed(TARGET_NAME).builder.startsWith('nuxt'))('reports the status and the line of a page that calls a route while it is rendered', async () => {
    await visit('/?call=1')
    await expect.poll(async () => (await requestsAt('/api/returned')).map(({ status }) => status)).toEqual([200, 200])
    await expect.poll(async () => (await panel.state()).requests.flatMap(({ events }) => events.flatMap(({ sources }) => sources)).find(source => source.startsWith('app.vue'))).toBe(TARGET_NAME === 'nuxt-5' ? 'app.vue' : 'app.vue:5')
  })

  it('reports a page that is rendered on the server', async () => {
    const headers = { 'user-agent': 'test of a page', 'accept': 'text/html' }
    const first = await visit('/', { headers })
    expect(await first.text()).toContain('A shop')
    await visit('/', { headers: { ...headers, cookie: cookieOf(first) } })
    const requests = async () => (await panel.state()).requests.filter(({ path }) => path === '/').slice(-2)
    await expect.poll(async () => (await requests()).map(({ method, status, events }) => ({ method, status, kinds: events.map(({ kind }) => kind) }))).toEqual([
      { method: 'GET', status: 200, kinds: ['create', 'update'] }, { method: 'GET', status: 200, kinds: ['load', 'update'] },
    ])
    const [created, updated] = (await requests()).map(({ events }) => events.at(-1)!)
    expect(updated!.key).toBe(created!.key)
    expect([created!, updated!].map(({ sources }) => sources[0])).toEqual(['server/middleware/visits.ts:4', 'server/middleware/visits.ts:4'])
  })

  it('reports who has ended all sessions of a name, and from where', async () => {
    const login = await visit('/api/kept/login', { method: 'POST', body: { userId: 'ada' } })
    await visit('/api/kept/login', { method: 'POST', body: { userId: 'grace' } })
    await visit('/api/kept/all', { method: 'DELETE' })
    await expect.poll(async () => (await panel.eventsAt('/api/kept/all')).map(({ kind, user }) => [kind, user])).toEqual([['revoke', 'ada'], ['revoke', 'grace']])
    const [event] = await panel.eventsAt('/api/kept/all')
    expect(event).toMatchObject({ explanation: 'All sessions with the name "kept".', sources: ['server/api/kept/all.delete.ts:3'] })
    expect((await panel.state()).sessions.filter(({ ended }) => ended === 'revoked')).toHaveLength(2)
    await visit('/api/kept', { headers: { cookie: cookieOf(login) } })
    await expect.poll(rejectAtKept).toMatch(/^It was ended by revokeAllSessions\(\{ name: "kept" \}\) in DELETE \/api\/kept\/all\./)
  })

  it('says that maxUserSessions has ended the sessions of parallel logins', async () => {
    const logins = await Promise.all([1, 2, 3, 4, 5].map(() => visit('/api/filed', { method: 'POST' })))
    for (const login of logins) await visit('/api/filed', { headers: { cookie: cookieOf(login) } })
    const rejects = async () => (await panel.state()).requests.flatMap(({ events }) => events).filter(({ kind, user }) => kind === 'reject' && user === 'radia')
    await expect.poll(async () => (await rejects()).map(({ explanation }) => explanation!.split(':')[0])).toEqual(Array.from({ length: 3 }, () => 'It was ended by maxUserSessions (2)'))
    const ended = (await panel.state()).sessions.filter(({ userId, ended }) => userId === 'radia' && ended !== undefined)
    expect(ended.map(({ ended, revoked }) => [ended, revoked?.by])).toEqual(Array.from({ length: 3 }, () => ['revoked', 'maxUserSessions']))
  })

  it('says that a call had no event, and where it is', async () => {
    const login = await visit('/api/kept/login', { method: 'POST', body: { userId: 'barbara' } })
    await visit('/api/kept/user', { method: 'DELETE', body: { userId: 'barbara' } })
    await visit('/api/kept', { headers: { cookie: cookieOf(login) } })
    await expect.poll(rejectAtKept).toMatch(/^It was ended by revokeUserSessions\("barbara"\), a call without an event at server\/api\/kept\/user\.delete\.ts:4\./)
  })

  it('reports the session that a login has ended by maxUserSessions, and from where', async () => {
    const login = await visit('/api/kept/only', { method: 'POST', body: { userId: 'edsger' } })
    await visit('/api/kept/only', { method: 'POST', body: { userId: 'edsger' } })
    await expect.poll(async () => (await panel.eventsAt('/api/kept/only')).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['revoke']))
    expect((await panel.eventsAt('/api/kept/only')).find(({ kind }) => kind === 'revoke')).toMatchObject({
      user: 'edsger', explanation: expect.stringContaining('A login of the user edsger went above maxUserSessions (1).'), sources: ['server/api/kept/only.post.ts:5'],
    })
    await visit('/api/kept', { headers: { cookie: cookieOf(login) } })
    await expect.poll(rejectAtKept).toMatch(/^It was ended by maxUserSessions \(1\): the login POST \/api\/kept\/only of its user went above it.* raise maxUserSessions\.$/)
  })
})

describe('a session whose options are only in a call', () => {
  it('is changed, copied and read as any other', async () => {
    const created = await visit('/api/wishlist', { method: 'POST', body: { item: 'a book' } })
    const cookie = cookieOf(created)
    await expect.poll(async () => (await panel.state(cookie)).names).toContain('wishlist')
    const { sessions, current } = await panel.state(cookie)
    const session = sessions.find(({ name }) => name === 'wishlist')!
    expect(session).toMatchObject({ keeper: 'module', data: { item: 'a book' } })
    expect(current).toContain(session.key)

    const edited = await panel.ask('edit', { name: 'wishlist', data: { item: 'another book' } }, cookie)
    expect(edited.status, await edited.clone().text()).toBe(200)
    const next = await visit('/api/wishlist', { method: 'POST', headers: { cookie: cookieOf(edited) }, body: { n: 1 } })
    expect(await next.json()).toMatchObject({ data: { item: 'another book', n: 1 } })

    const { token } = await (await panel.ask('reveal', { key: session.key }, cookie)).json()
    const { results } = await (await panel.ask('unseal', { text: token })).json()
    expect(results).toMatchObject([{ ok: true, session: { name: 'wishlist' } }])
    expect((await panel.ask('clear', { name: 'wishlist' }, cookieOf(next))).headers.get('set-cookie')).toMatch(/^wishlist=;/)
  })
})

it('explains each seal of a pasted header, also of a cookie whose name is similar to one of the app', async () => {
  const cookie = cookieOf(await visit('/api/session'))
  const seal = /^h3=(.*)/.exec(cookie)![1]!
  const unsealed = await panel.ask('unseal', { text: `Cookie: h3=${seal}; h4=${seal}` })
  expect(unsealed.status, await unsealed.clone().text()).toBe(200)
  expect((await unsealed.json()).results).toMatchObject([{ name: 'h3', ok: true }, { name: 'h4', ok: false, reason: 'foreign' }])
})

function visit(path: string, { body, headers, ...init }: { method?: string, redirect?: RequestRedirect, headers?: Record<string, string>, body?: object } = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, { ...init, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body) })
}

function cookieOf(response: Response): string {
  return response.headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
}

async function requestsAt(path: string) {
  return (await panel.state()).requests.filter(request => request.path === path)
}

async function whyDeniedAtMembers(): Promise<string | undefined> {
  return (await panel.eventsAt('/api/members')).find(({ kind }) => kind === 'deny')?.explanation
}

/** Why the last request of a stored session was rejected. */
async function rejectAtKept(): Promise<string | undefined> {
  return (await panel.eventsAt('/api/kept')).find(({ kind }) => kind === 'reject')?.explanation
}
