import { createHash } from 'node:crypto'
import { digest } from 'ohash/crypto'
import { describe, expect, it } from 'vitest'
import { Inspector } from '../../../src/devtools/inspector'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../../src/runtime/core/config/resolve'
import { createManager } from '../../../src/runtime/core/session/manager'
import { SessionError } from '../../../src/runtime/core/model/errors'
import type { SessionActivity, SessionContext } from '../../../src/runtime/core/session/context'
import { openSession } from '../../../src/runtime/core/session/open'
import type { SessionConfig } from '../../../src/runtime/core/model/types'
import type { EventTransport } from '../../../src/runtime/adapters/shared/host'
import { CommandTransport } from '../../../src/runtime/server/devtools/command-transport'
import type { ObservedMessage, ObservedSession } from '../../../src/runtime/server/devtools/messages'
import { describeActivity, describeCookies, describeFailure } from '../../../src/runtime/server/devtools/observe'
import { PASSWORD } from '../support/app'
import { FakeEnvironment } from '../support/environment'
import { FakeTransport } from '../support/transport'
import { timelineOf } from './support/observed'

/** The headers of a request for a link on a page of another site. */
const LINK = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

describe('describeActivity', () => {
  it('gives a stored session\'s store, its record\'s size, and its cookie\'s size, which does not grow with the data', async () => {
    const { open, messages } = setUp({ storage: 'kept', record: { userAgent: true } })
    const { session, cookie } = await open()
    await session.update({ text: 'x'.repeat(6000) })
    expect(messages).toMatchObject([{
      kind: 'create', name: 'h3', storage: 'kept', transport: 'none', chunks: 1, recordBytes: expect.any(Number), bytes: expect.any(Number),
      session: { id: 'id-1', userAgent: 'test', data: { text: expect.any(String) } },
      // A record without lifetimes ends after 30 idle days.
      expiresAt: Date.UTC(2031, 0, 31),
    }])
    expect(messages[0]!.recordBytes).toBeGreaterThan(6000)
    expect(messages[0]!.bytes).toBeLessThan(600)

    const next = await open(cookie())
    await next.session.update({ text: 'y' })
    expect(messages.slice(1)).toMatchObject([
      { kind: 'load', storage: 'kept', transport: 'cookie', tokenHash: messages[0]!.tokenHash },
      { kind: 'update', storage: 'kept', session: { data: { text: 'y' } }, tokenHash: messages[0]!.tokenHash },
    ])
    expect(next.transport.lines, 'nothing is sent').toEqual([])
    expect(messages[2]).not.toHaveProperty('attributes', expect.anything())
  })

  it('gives a migrating session no store before the migration, and its store after it', async () => {
    const { session, cookie } = await setUp({}).open()
    await session.update({ n: 1 })
    const { open, messages } = setUp({ storage: 'kept', migrateUntil: '2032-01-01' })
    await open(cookie())
    expect(messages.map(({ kind, storage, session }) => [kind, storage, session?.data])).toEqual([['load', undefined, { n: 1 }], ['update', 'kept', { n: 1 }]])
  })

  it('gives the stack of each write, and the code and the message of one that fails', async () => {
    const { open, messages, at } = setUp({})
    const { session } = await open()
    at('first')
    const writing = session.update({ n: 1 })
    at('second')
    await writing
    await expect(session.update({ text: 'x'.repeat(20_000), small: 'é' })).rejects.toThrow('SESSION_TOO_LARGE')
    expect(messages).toMatchObject([
      { kind: 'create', stack: expect.stringContaining('at first (file:///app/index.mjs:1:1)') },
      {
        kind: 'fail', stack: expect.stringContaining('at second (file:///app/index.mjs:1:1)'), reason: 'SESSION_TOO_LARGE',
        explanation: expect.stringMatching(/^the session "h3" is too large/), before: { id: 'id-1', data: { n: 1 } },
        sizes: [{ key: 'text', bytes: 20_010 }, { key: 'small', bytes: 13 }, { key: 'n', bytes: 6 }],
      },
    ])
    expect(messages[1]).not.toHaveProperty('session')
  })

  it('gives a write that is refused, with its place, so that it is listed if the app catches the error', async () => {
    const { open, messages, at } = setUp({})
    const { session, transport } = await open()
    await session.update({ n: 1 })
    at('late')
    // The second waits for the first.
    Object.assign(transport, { writeRefusal: () => messages.length < 2 ? undefined : 'headers-sent' })
    const [, second] = [session.update({ n: 2 }), session.update({ n: 3 })]
    await expect(second).rejects.toThrow('SESSION_HEADERS_SENT')
    for (const write of [() => session.update({ n: 4 }), () => session.regenerate(), () => session.clear()]) await expect(write()).rejects.toThrow('SESSION_HEADERS_SENT')
    expect(messages.map(({ kind, reason }) => reason ?? kind)).toEqual(['create', 'update', ...Array.from({ length: 4 }, () => 'SESSION_HEADERS_SENT')])
    expect(messages.at(-1)).toMatchObject({ kind: 'fail', stack: expect.stringContaining('at late (file:///app/index.mjs:1:1)'), before: { id: 'id-1', data: { n: 2 } } })
  })

  it('gives a write that a hook was refused only once', async () => {
    const { open, messages, env } = setUp({})
    const { session, transport } = await open()
    await session.update({ n: 1 })
    env.on('session:update', (same) => {
      Object.assign(transport, { writeRefusal: () => 'headers-sent' })
      return same.update({ n: 3 })
    })
    await expect(session.update({ n: 2 })).rejects.toThrow('SESSION_HEADERS_SENT')
    expect(messages.map(({ kind }) => kind)).toEqual(['create', 'fail'])
  })

  it('gives each session that a login has ended by maxUserSessions, with the frames of the login', async () => {
    const { open, messages, at, env } = setUp({ storage: 'kept', maxUserSessions: 1 })
    const first = await open()
    await first.session.regenerate({ userId: 'ada', data: { n: 1 } })
    const { handle } = first.session
    env.time += 1000
    at('second login')
    await (await open()).session.regenerate({ userId: 'ada' })
    expect(messages.map(({ kind }) => kind)).toEqual(['create', 'create', 'revoke'])
    expect(messages[2]).toMatchObject({
      kind: 'revoke', name: 'h3', storage: 'kept', handle, transport: 'unknown', before: { userId: 'ada', data: { n: 1 } },
      maxUserSessions: 1,
      explanation: 'A login of the user ada went above maxUserSessions (1). This was the oldest session.',
      stack: expect.stringContaining('at second login (file:///app/index.mjs:1:1)'),
    })
    expect(messages[2]!.before).not.toHaveProperty('id')
  })

  it('gives a read that fails because of its store', async () => {
    const { open, messages, env } = setUp({ storage: 'kept' })
    const { driver } = env
    let isDown = false
    const getItem: typeof driver.getItem = (...args) => {
      if (isDown) throw new Error('a message with data of the app')
      return driver.getItem(...args)
    }
    env.driver = { name: 'other', getItem, getKeys: driver.getKeys, setItem: driver.setItem, removeItem: driver.removeItem } as typeof driver
    const { session, cookie } = await open()
    await session.update({ n: 1 })
    isDown = true
    await expect(open(cookie())).rejects.toThrow('SESSION_STORE_UNAVAILABLE')
    expect(messages[1]).toMatchObject({ kind: 'fail', reason: 'SESSION_STORE_UNAVAILABLE', storage: 'kept', before: undefined })
    expect(JSON.stringify(messages[1])).not.toContain('data of the app')
  })

  it('gives a request without a token, whose session the app may never write', async () => {
    const { open, absent, messages } = setUp({})
    await open()
    expect(absent).toMatchObject([{ kind: 'absent', transport: 'none', name: 'h3' }])
    expect(absent[0]).not.toHaveProperty('session')
    await open('h3=a-rejected-token')
    expect([absent.length, messages.map(({ kind }) => kind)]).toEqual([1, ['reject']])
  })

  it('gives the hash of a rejected token, but not the token', async () => {
    const { open, messages } = setUp({})
    await open('h3=a-rejected-token')
    expect(messages).toMatchObject([{ kind: 'reject', reason: 'malformed', tokenHash: createHash('sha256').update('a-rejected-token').digest('base64url') }])
    expect(JSON.stringify(messages)).not.toContain('a-rejected-token')
  })

  it('gives a denied request that sent no token', async () => {
    const { open } = setUp({})
    const denied = Object.assign(new Error('Log in first.'), { data: { code: 'SESSION_REQUIRED' } })
    const explanationFor = async (cookie: string, headers = {}) => explain((await open(cookie, headers)).context)
    const explain = (context: SessionContext) => describeActivity({ kind: 'deny', context, error: denied }, undefined).explanation
    expect(await explanationFor('')).toBe('Log in first. The request sent no token of the session "h3".')
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { ...LINK, origin: 'null' }, { ...LINK, 'sec-fetch-dest': 'iframe' }])
      expect(await explanationFor('', headers)).toBe('Log in first. The request sent no token of the session "h3". It came from another site: browsers then leave out the cookie, because of its SameSite.')
    expect(await explanationFor('', LINK), 'a link, for which browsers send a Lax cookie').toBe('Log in first. The request sent no token of the session "h3".')
    expect(await explanationFor('h3=a-rejected-token')).toBe('Log in first.')
    expect(await explanationFor('h3=')).toBe('Log in first. The cookie "h3" of the request is empty.')
    expect(await explanationFor('h3=; a=1; h3=a-token')).toContain('Log in first. The first cookie "h3" of the request is empty, and only the first of a name is read.')
  })

  it('says that the session of a denied request has no user', async () => {
    const { open } = setUp({})
    const denied = (code: string) => Object.assign(new Error('Denied.'), { data: { code } })
    const { session, cookie } = await open()
    await session.update({ n: 1 })
    const explanationFor = async (code: string) => describeActivity({ kind: 'deny', context: (await open(cookie())).context, error: denied(code) }, undefined).explanation
    expect(await explanationFor('SESSION_REQUIRED')).toBe('Denied. The session "h3" has no user, and the route requires one: regenerate({ userId }) of a login sets it.')
    const begun = await open('h3=a-rejected-token')
    await begun.session.update({ n: 1 })
    expect(describeActivity({ kind: 'deny', context: begun.context, error: denied('SESSION_REQUIRED') }, undefined).explanation, 'the request had no session').toBe('Denied.')
  })

  it('says how old the login of a denied request was, and the limit', async () => {
    const { open, env } = setUp({})
    const denied = Object.assign(new Error('Log in again.'), { data: { code: 'SESSION_REAUTHENTICATION_REQUIRED' } })
    const { session, cookie } = await open()
    const explanation = async () => describeActivity({ kind: 'deny', context: (await open(cookie())).context, error: denied, maxAuthAge: 60 }, undefined).explanation
    await session.update({ n: 1 })
    expect(await explanation()).toBe('Log in again. The session "h3" has no time of a login: regenerate({ userId }) of a login sets it.')
    await session.regenerate({ userId: 'ada' })
    env.time += 60_001
    expect(await explanation()).toBe('Log in again. The login was 61 s ago, and maxAuthAge is 60 s.')
  })

  it('gives no key __proto__ of the data, which no later request gets, so that no update seems lost', async () => {
    const { open, messages } = setUp({})
    const { session, cookie } = await open()
    await session.update({ form: JSON.parse('{"__proto__":{"admin":true},"name":"Ada"}'), n: 1 })
    await (await open(cookie())).session.update({ n: 2 })
    const inspector = new Inspector()
    messages.forEach((message, index) => inspector.record({ ...message, request: `r${index}` }))
    messages.forEach((_, index) => inspector.finish({ type: 'sent', request: `r${index}`, at: 2000, status: 200, duration: 2000 }))
    expect(timelineOf(inspector).map(({ kind, changes, lost }) => ({ kind, changes, lost }))).toEqual([
      { kind: 'create', changes: ['+form', '+n'], lost: undefined }, { kind: 'load', changes: [], lost: undefined }, { kind: 'update', changes: ['~n'], lost: undefined },
    ])
    expect(JSON.stringify(messages)).not.toContain('admin')
  })

  it('gives a cookie session no store', async () => {
    const { open, messages } = setUp({})
    await (await open()).session.update({ n: 1 })
    expect(messages[0]).not.toHaveProperty('storage')
  })
})

describe('describeFailure', () => {
  const describeIt = (error: object, transport: EventTransport = new CommandTransport({}), options: object = { name: 'main' }, isPlainDevelopment = true) =>
    describeFailure(error, transport, { now: () => 1, host: { sessionConfig: () => options }, isPlainDevelopment } as never)

  it('gives this module\'s errors that reached a response', () => {
    expect(describeIt({ statusCode: 403, data: { code: 'SESSION_FOREIGN_ORIGIN' }, message: 'This request comes from another origin.' }))
      .toMatchObject({ kind: 'deny', name: 'main', reason: 'SESSION_FOREIGN_ORIGIN', explanation: 'This request comes from another origin.' })
    expect(describeIt(new SessionError('SESSION_HEADERS_SENT', 'the headers were sent.'))).toMatchObject({ kind: 'fail', reason: 'SESSION_HEADERS_SENT', explanation: 'the headers were sent.' })
  })

  it('gives the name that the preset strict has over plain HTTP, or else', () => {
    const nameOver = (isPlain: boolean) => describeIt({ statusCode: 403, data: { code: 'SESSION_FOREIGN_ORIGIN' }, message: '' }, undefined, { preset: 'strict' }, isPlain)?.name
    expect([nameOver(true), nameOver(false)]).toEqual(['session', '__Host-Http-session'])
  })

  it('gives the token of a request that failed before it read the session, so that its cookie has come back', () => {
    const describeFor = (cookie: string) => describeIt(new SessionError('SESSION_CONFIG_INVALID', 'a mistake.'),
      Object.assign(new FakeTransport({ cookie }), { event: { method: 'GET', path: '/api/a' } }) as unknown as EventTransport)
    const sent = describeFor('main=a-token')
    expect(sent).toMatchObject({ transport: 'cookie', tokenHash: digest('a-token'), client: expect.any(String) })
    expect(sent).not.toHaveProperty('lacksCookie')
    expect(describeFor('other=a-token')).toMatchObject({ transport: 'none', lacksCookie: true })
    expect(describeFor('main=; main=a-token'), 'the browser has the cookie').not.toHaveProperty('lacksCookie')
  })

  it.each<[Record<string, string>, object, boolean]>([
    [{ 'sec-fetch-site': 'cross-site' }, {}, false],
    [{ 'sec-fetch-site': 'cross-site', 'origin': 'https://shop.example' }, { sameSite: 'strict' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, { sameSite: 'none', secure: true }, true],
    [{ 'sec-fetch-site': 'same-site', 'origin': 'https://shop.example' }, { sameSite: 'strict' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, {}, true],
    [LINK, {}, true],
    [LINK, { sameSite: 'strict' }, false],
    [LINK, { sameSite: true }, false],
    [{ origin: 'https://other.example', host: 'shop.example' }, {}, false],
    [{ origin: 'null', host: 'shop.example' }, {}, false],
    [{ origin: 'https://shop.example', host: 'shop.example' }, {}, true],
    [{ host: 'shop.example' }, {}, true],
  ])('of a request with %o and a cookie with %o, which has no cookie, says that the browser has none: %s', (headers, cookie, lacks) => {
    const transport = Object.assign(new FakeTransport({ headers }), { event: { method: 'POST', path: '/api/a' } }) as unknown as EventTransport
    expect(describeIt(new SessionError('SESSION_CONFIG_INVALID', 'a mistake.'), transport, { name: 'main', cookie })?.lacksCookie).toBe(lacks || undefined)
  })

  it.each(['sec-purpose', 'purpose'])('gives whether the request is a prefetch, by its header %s', (name) => {
    const describeWith = (headers: Record<string, string>) => describeIt({ statusCode: 401, data: { code: 'SESSION_REQUIRED' }, message: '' },
      Object.assign(new FakeTransport({ headers }), { event: { method: 'GET', path: '/account', res: {} } }) as unknown as EventTransport)
    expect(describeWith({ [name]: 'prefetch;prerender' })).toMatchObject({ kind: 'deny', path: '/account', isPrefetch: true })
    expect(describeWith({})).not.toHaveProperty('isPrefetch')
  })

  it('gives no other errors', () => {
    for (const error of [new Error('of the app'), { statusCode: 401, data: { code: 'OTHER' }, message: '' }, {}]) expect(describeIt(error)).toBeUndefined()
  })
})

describe('describeCookies', () => {
  it('finds no cookie in a name that every object has as a member', () => {
    expect(describeCookies('constructor', new CommandTransport({}))).toEqual({})
  })
})

function setUp(options: SessionConfig) {
  const env = new FakeEnvironment()
  const messages: ObservedMessage[] = []
  const absent: ObservedMessage[] = []
  const previous = new WeakMap<object, ObservedSession | undefined>()
  let place = 'handler'
  // As the recorder does.
  const observe = (activity: SessionActivity) => {
    const message = describeActivity(activity, previous.get(activity.context.state))
    if (message.kind === 'absent') return void absent.push(message)
    messages.push(message)
    previous.set(activity.context.state, message.session)
  }
  Object.assign(env, { trace: () => `Error: trace\n    at ${place} (file:///app/index.mjs:1:1)\n    at node:internal`, observe })
  const config = resolveConfig({ password: PASSWORD, saveUninitialized: false, ...options }, undefined, { createCodec: createWebCodec })
  return {
    env,
    messages,
    absent,
    at: (name: string) => void (place = name),
    async open(cookie = '', headers: Record<string, string> = {}) {
      const transport = new CommandTransport({ cookie, 'user-agent': 'test', ...headers })
      const siblings = { names: [], resolve: () => config }
      const context = await openSession(env, transport, config, siblings, 'open')
      return { context, transport, session: createManager(context), cookie: () => transport.lines.map(line => line.split(';', 1)[0]).join('; ') }
    },
  }
}
