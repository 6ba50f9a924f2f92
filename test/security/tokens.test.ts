import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { SessionError } from '../../src/runtime/core/model/errors'
import { MAX_TOKEN_LENGTH } from '../../src/runtime/core/model/shape'
import { inputs, TIMEOUT } from './support/campaign'
import { cookieHeader, hostileValue } from './support/hostile-seals'
import { refusedSeals, sealedSessions } from './support/sessions'
import { FRESH_ID, iterations, World } from './support/world'
import type { Way } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT, hookTimeout: TIMEOUT })

const REASONS = new Set(['malformed', 'tampered', 'expired', 'foreign'])
const PASSWORDS = 2
/** The number of unknown cookie names that are checked if a response has long cookies. */
const OTHERS = 4
const NEW_LINE = /^h3=Fe26\.2\*\*[\w*-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/
const REMOVAL = /^h3(?:\.[1-9]\d{0,2})?=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/
const CHUNK_LINE = /^h3\.\d+=[\w*.-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/
const HEAD_LINE = /^h3=__chunked__\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/

interface Given { world: World, sessions: Map<string, string>, seals: string[], triesAtMost: number }

async function given(way: Way, count: number): Promise<Given> {
  const isDear = count > 1
  const world = new World(way, isDear ? { seal: iterations(count), legacySealFallback: true } : {})
  const sessions = await sealedSessions(world)
  return { world, sessions, seals: [...sessions.keys(), ...await refusedSeals(world)], triesAtMost: isDear ? 2 * PASSWORDS : PASSWORDS }
}

/** A read reseals it with the current password if it came in a cookie. */
function isOfOldPassword({ data }: { data: object }): boolean {
  return 'old' in data
}

/** Reads the session of one request without sending anything. Returns the cost and the result. */
async function read({ world, sessions, triesAtMost }: Given, request: { cookie?: string, headers?: Record<string, string> }) {
  world.take()
  const { transport, open } = world.request(request)
  const session = await open()
  const { opened, sealed, reasons } = world.take()
  const isRenewed = isOfOldPassword(session) && !request.headers
  const lines = transport.setCookies().filter(line => !isRenewed || !REMOVAL.test(line))

  // With one expectation, because a campaign has a million of them.
  expect({
    isCheap: isRenewed
      // If it sends a new cookie, the other sessions' cookies are checked, because all must fit.
      ? opened.length <= triesAtMost * (1 + OTHERS)
      : opened.length <= triesAtMost && opened.every(({ token }) => token === opened[0]!.token && token.length <= MAX_TOKEN_LENGTH),
    sealed, lines, headers: transport.responseHeaders, strangeReasons: reasons.filter(reason => !REASONS.has(reason)),
  }).toEqual({ isCheap: true, sealed: isRenewed ? 1 : 0, lines: isRenewed ? [expect.stringMatching(NEW_LINE)] : [], headers: {}, strangeReasons: [] })
  if (session.isNew) {
    expect([session.id, session.data, session.userId]).toEqual([expect.stringMatching(FRESH_ID), {}, undefined])
  }
  else {
    expect(reasons).toEqual([])
    const { id, data } = session
    const found = [...sessions].find(([, text]) => (JSON.parse(text) as { id: string }).id === id)
    expect(JSON.parse(found?.[1] ?? 'null'), 'exactly a session that was sealed').toMatchObject({ id, data })
    for (const { token, isAuthentic } of opened) if (isAuthentic && !isRenewed) expect(token, 'by exactly its token').toBe(found![0])
  }
  return { session, opened, reasons }
}

/** The same request in an app: a new visitor gets a session, and a write is saved. */
async function serve({ world, triesAtMost }: Given, request: { cookie?: string, headers?: Record<string, string> }) {
  world.take()
  const { transport, use } = world.request(request)
  const session = await use().catch((error: SessionError) => error)
  const { opened } = world.take()
  expect(opened.length, 'its own MACs, and those of others beside which it must fit').toBeLessThanOrEqual(triesAtMost * (1 + OTHERS))
  // Authentic cookies of another session may leave no room.
  const isAlone = !opened.some(({ isAuthentic }) => isAuthentic)
  if ('code' in session) {
    expect([session.code, isAlone]).toEqual(['SESSION_TOO_LARGE', false])
    return
  }
  const { isNew } = session
  const lines = transport.setCookies()
  expect(lines.filter(line => NEW_LINE.test(line))).toHaveLength(isNew || isOfOldPassword(session) ? 1 : 0)
  for (const line of lines) expect(line).toMatch(line.startsWith('h3=F') ? NEW_LINE : REMOVAL)
  expect(new Set(lines.map(line => line.split('=', 1)[0])).size, 'a line a cookie').toBe(lines.length)
  const code = await session.update({ written: 1 }).then(() => undefined, (error: SessionError) => error.code)
  expect(isNew && isAlone ? [undefined] : [undefined, 'SESSION_TOO_LARGE']).toContain(code)
  if (code === undefined) expect(session.data.written).toBe(1)
  for (const line of transport.setCookies()) expect([NEW_LINE, REMOVAL, HEAD_LINE, CHUNK_LINE].some(form => form.test(line)), line).toBe(true)
  expect(world.take().sealed).toBeLessThanOrEqual(2)
}

const CASES: [way: Way, iterations: number, normal: number, share: number][] = [
  ['node', 1, 1200, 0.24], ['node, cached', 1, 1200, 0.24], ['web', 1, 250, 0.025], ['node', 8192, 12, 0.0004], ['web', 8192, 6, 0.0002],
]

describe.each(CASES)('by %s with %i iterations', (way, count, normal, share) => {
  it('any text as Cookie header is rejected, or gives exactly a session that was sealed here', async () => {
    const here = await given(way, count)
    await fc.assert(fc.asyncProperty(cookieHeader('h3', here.seals), fc.nat(9), async (cookie, chance) => {
      await read(here, { cookie })
      if (chance === 0) await serve(here, { cookie })
    }), inputs(normal, share))
  })

  it('any text as session header does the same, and the cookie counts only if it is empty', async () => {
    const here = await given(way, count)
    const cookie = `h3=${here.seals[0]}`
    await fc.assert(fc.asyncProperty(hostileValue(here.seals), fc.nat(9), async (value, chance) => {
      const request = { cookie, headers: { 'x-h3-session': value } }
      const { session, opened } = await read(here, request)
      for (const { token } of opened) expect(token).toBe(value === '' ? here.seals[0] : value)
      expect(session.id === 'sealed-1').toBe(value === '' || value === here.seals[0])
      if (chance === 0) await serveByHeader(here, request)
    }), inputs(Math.ceil(normal / 2), share / 2))
  })
})

/** Expects that a token by header is also sent in the header, once and on one line. */
async function serveByHeader({ world }: Given, request: { cookie?: string, headers: Record<string, string> }) {
  const { transport, use } = world.request(request)
  const session = await use()
  const write = await session.update({ written: 1 }).then(() => undefined, (error: SessionError) => error.code)
  expect([undefined, 'SESSION_TOO_LARGE']).toContain(write)
  const answers = Object.entries(transport.responseHeaders)
  expect(answers.length).toBeLessThanOrEqual(request.headers['x-h3-session'] === '' ? 0 : 1)
  for (const [name, value] of answers) {
    expect(name).toBe('x-h3-session')
    expect(value).toMatch(/^Fe26\.2\*\*[\w*-]+$/)
  }
}

it('both codecs, with and without caches, have the same result for every header', async () => {
  const world = new World('node')
  const sessions = await sealedSessions(world)
  const seals = [...sessions.keys(), ...await refusedSeals(world)]
  const worlds = [world, new World('node, cached'), new World('web')]
  await fc.assert(fc.asyncProperty(cookieHeader('h3', seals), async (cookie) => {
    const seen = []
    // The second call may get its result from the caches that the first has filled.
    for (const each of [...worlds, worlds[1]!]) {
      each.take()
      const { id, data, isNew, userId, expiresAt } = await each.request({ cookie }).open()
      seen.push({ id: isNew ? 'new' : id, data, userId, expiresAt, reasons: each.take().reasons })
    }
    for (const one of seen) expect(one).toEqual(seen[0])
  }), inputs(200, 0.02))
})
