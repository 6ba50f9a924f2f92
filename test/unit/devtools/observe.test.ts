import { describe, expect, it } from 'vitest'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../../src/runtime/core/config/resolve'
import { createManager } from '../../../src/runtime/core/session/manager'
import { openSession } from '../../../src/runtime/core/session/open'
import type { SessionConfig } from '../../../src/runtime/core/model/types'
import { CommandTransport } from '../../../src/runtime/server/devtools/command-transport'
import type { ObservedMessage } from '../../../src/runtime/server/devtools/messages'
import { describeActivity } from '../../../src/runtime/server/devtools/observe'
import { PASSWORD } from '../support/app'
import { FakeEnvironment } from '../support/environment'

describe('describeActivity', () => {
  it('gives a stored session\'s store, its record\'s size, and its cookie\'s size, which does not grow with the data', async () => {
    const { open, messages } = setUp({ storage: 'kept', record: { userAgent: true } })
    const { session, cookie } = await open()
    await session.update({ text: 'x'.repeat(6000) })
    expect(messages).toMatchObject([{
      kind: 'create', name: 'h3', storage: 'kept', carrier: 'none', chunks: 1, recordBytes: expect.any(Number), bytes: expect.any(Number),
      session: { id: 'id-1', userAgent: 'test', data: { text: expect.any(String) } },
      // A record without lifetimes ends after 30 idle days.
      expiresAt: Date.UTC(2031, 0, 31),
    }])
    expect(messages[0]!.recordBytes).toBeGreaterThan(6000)
    expect(messages[0]!.bytes).toBeLessThan(600)

    const next = await open(cookie())
    await next.session.update({ text: 'y' })
    expect(messages.slice(1)).toMatchObject([
      { kind: 'load', storage: 'kept', carrier: 'cookie', tokenHash: messages[0]!.tokenHash },
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

  it('gives a cookie session no store', async () => {
    const { open, messages } = setUp({})
    await (await open()).session.update({ n: 1 })
    expect(messages[0]).not.toHaveProperty('storage')
  })
})

function setUp(options: SessionConfig) {
  const env = new FakeEnvironment()
  const messages: ObservedMessage[] = []
  Object.assign(env, { observe: (activity: Parameters<typeof describeActivity>[0]) => messages.push(describeActivity(activity, undefined)) })
  const config = resolveConfig({ password: PASSWORD, saveUninitialized: false, ...options }, undefined, { createCodec: createWebCodec })
  return {
    messages,
    async open(cookie = '') {
      const transport = new CommandTransport({ cookie, 'user-agent': 'test' })
      const siblings = { names: [], resolve: () => config }
      const session = createManager(await openSession(env, transport, config, siblings, 'open'))
      return { transport, session, cookie: () => transport.lines.map(line => line.split(';', 1)[0]).join('; ') }
    },
  }
}
