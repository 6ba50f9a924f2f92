import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { SessionError } from '../../src/runtime/core/model/errors'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { inputs, TIMEOUT } from './support/campaign'
import { hostilePayload } from './support/hostile-json'
import { expectNoPollution } from './support/prototypes'
import { FRESH_ID, World } from './support/world'
import type { Way } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT })

const WRITE_ERRORS = ['SESSION_TOO_LARGE', 'SESSION_NOT_SERIALIZABLE']

/** All ways to use a session without writing it. */
function look(session: Awaited<ReturnType<ReturnType<World['request']>['use']>>) {
  const { id, data, handle, createdAt, expiresAt, isNew, userId, authenticatedAt } = session
  expect(typeof id).toBe('string')
  expect(handle).toMatch(/^[\da-f]{64}$/)
  expect([typeof createdAt, typeof isNew]).toEqual(['number', 'boolean'])
  for (const time of [expiresAt, authenticatedAt]) expect(['number', 'undefined']).toContain(typeof time)
  expect(['string', 'undefined']).toContain(typeof userId)
  expect(typeof data).toBe('object')
  expectNoPollution(data)
}

async function write(run: () => Promise<unknown>, codes = WRITE_ERRORS): Promise<void> {
  try {
    await run()
  }
  catch (error) {
    expect(error).toBeInstanceOf(SessionError)
    expect(codes).toContain((error as SessionError).code)
  }
}

const CONFIGS: [what: string, way: Way, config: SessionRuntimeConfig, normal: number, share: number][] = [
  ['by node', 'node', {}, 500, 0.04],
  ['by node, cached', 'node, cached', {}, 500, 0.04],
  ['by web', 'web', {}, 150, 0.004],
  ['with lifetimes', 'node', { idleTimeout: 1000, maxAge: 100_000 }, 500, 0.04],
  ['that must contain their name', 'node', { acceptUnnamed: false }, 200, 0.01],
  ['migrated to a store', 'node', { storage: 'session', migrateUntil: '2100-01-01', idleTimeout: 1000 }, 200, 0.01],
]

describe.each(CONFIGS)('payloads sealed with the right password, %s,', (_what, way, config, normal, share) => {
  it('never throw when they are read, whatever is in them, and reach no prototype', async () => {
    const world = new World(way, config)
    await fc.assert(fc.asyncProperty(hostilePayload(world.env.now()), fc.nat(4), async (text, kind) => {
      const token = await sealRaw(world, text)
      if (token === undefined) return
      const cookie = chunked(token)
      const { use, open } = world.request({ cookie })
      const session = kind === 0 ? await open() : await use()
      look(session)
      if (session.isNew) expect([session.id, session.data]).toEqual([expect.stringMatching(FRESH_ID), {}])
      if (kind === 1) await write(() => session.update({ written: 1 }), [...WRITE_ERRORS, 'SESSION_CONFLICT'])
      if (kind === 2) await write(() => session.flash('key'), [...WRITE_ERRORS, 'SESSION_CONFLICT'])
      if (kind === 3) await write(() => session.regenerate({ userId: 'ada' }), [...WRITE_ERRORS, 'SESSION_CONFLICT'])
      look(session)
      // Once more, possibly from the cache.
      if (way === 'node, cached') look(await world.request({ cookie }).open())
    }), { ...inputs(normal, share), examples: [[nested(world.env.now()), 0]] })
  })
})

/** So deep that JSON can be parsed, but not written again. */
function nested(createdAt: number): string {
  const depth = 5500
  return `{"id":"sealed","createdAt":${createdAt},"data":${'['.repeat(depth)}${']'.repeat(depth)}}`
}

/** iron-webcrypto seals values, not texts, so it cannot seal invalid JSON. */
async function sealRaw(world: World, text: string): Promise<string | undefined> {
  if (world.way !== 'web') return world.seal(text)
  try {
    return await world.seal(text)
  }
  catch {
    return undefined
  }
}

function chunked(token: string): string {
  const parts = token.match(/.{1,4000}/gs) ?? []
  return parts.length === 1 ? `h3=${token}` : [`h3=__chunked__${parts.length}`, ...parts.map((part, index) => `h3.${index + 1}=${part}`)].join('; ')
}
