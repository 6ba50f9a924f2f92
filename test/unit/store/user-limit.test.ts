import { beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import { startOfHandle } from '../../../src/runtime/core/store/epochs'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import { counted } from '../../store/support/counted-driver'
import type { Call } from '../../store/support/counted-driver'
import { FakeStoreEnvironment } from './support/fake-environment'
import { MapDriver } from './support/map-driver'

const HOUR = 60 * 60 * 1000

let env: FakeStoreEnvironment
let driver: MapDriver
let store: SessionStore

beforeEach(() => {
  env = new FakeStoreEnvironment()
  driver = new MapDriver()
  store = open()
})

function open(before?: (call: Call) => unknown): SessionStore {
  return createSessionStore({ driver: before ? counted(driver, env, before) : driver }, env, { timeout: 2000 })
}

async function login(name: string, createdAt: number): Promise<string> {
  await store.create(env.handle(name), env.record({ userId: 'ada', name: 'h3', createdAt, epoch: await store.epoch('ada') }))
  return env.handle(name)
}

const limit = (store: SessionStore, own: string, max: number) =>
  store.endOldest(own, env.record({ userId: 'ada', name: 'h3' }), max).then(entries => entries.map(entry => entry.key))
const listed = async () => (await store.list({ userId: 'ada' })).entries.map(entry => entry.key)
const isEpoch = ({ keys: [key = ''] = [], isRead }: Call) => !isRead && key.includes('uepoch:')

describe('the limit of a user\'s sessions', () => {
  it('ends far more sessions than a user\'s epoch has room for', async () => {
    const handles: string[] = []
    for (let at = 0; at < 250; at++) handles.push(await login(`login ${at}`, at))
    const own = handles.at(-1)!
    expect((await limit(store, own, 2)).sort()).toEqual(handles.slice(0, -2).sort())
    expect((await listed()).sort()).toEqual(handles.slice(-2).sort())
    const epoch = await driver.getItem(`uepoch:${env.hash('ada')}`)
    expect(String(epoch).length).toBeLessThan(100 * 19)
  })

  it('ends nobody for a login that another one has ended', async () => {
    const [first, second] = [await login('first', 1), await login('second', 2)]
    expect(await limit(store, second, 1)).toEqual([first])
    expect(await limit(store, first, 1)).toEqual([])
    expect(await listed()).toEqual([second])
  })

  it('ends sessions in the epoch already: those of a process that was killed before their tombstones stay ended', async () => {
    const [first, second] = [await login('first', 1), await login('second', 2)]
    const killed = open((call) => {
      if (!call.isRead && !isEpoch(call)) throw new Error('killed')
    })
    expect(await limit(killed, second, 1)).toEqual([])
    for (const reader of [store, open()]) expect(await reader.get(first, 'ada')).toEqual({ dead: 'revoked' })
    const third = await login('third', 3)
    expect(await limit(store, third, 2)).toEqual([first])
    expect((await listed()).sort()).toEqual([second, third].sort())
  })

  it('returns each ended session, and ends no more, if the answer to the change of the epoch is lost', async () => {
    const handles = [await login('first', 1), await login('second', 2), await login('third', 3)]
    let writes = 0
    const losing = open((call) => {
      if (isEpoch(call)) writes++
    })
    const { setItem } = driver
    driver.setItem = async (key, value, options) => {
      await setItem(key, value, options)
      if (key.includes('uepoch:') && writes === 1) throw new Error('connection lost')
    }
    expect(await limit(losing, handles[2]!, 2)).toEqual([handles[0]])
    expect((await listed()).sort()).toEqual(handles.slice(1).sort())
  })

  it('ends the new id of a session that got it during the login', async () => {
    const [first, second] = [await login('first', 1), await login('second', 2)]
    const next = env.handle('next')
    let isReplaced = false
    const slow = open(async (call) => {
      if (!isEpoch(call) || isReplaced) return
      isReplaced = true
      const known = await store.get(first)
      if (known === undefined || !('record' in known)) throw new Error('not found')
      await store.create(next, { ...known.record, replaces: startOfHandle(first) })
      await store.destroy(first, { reason: 'superseded', until: env.time + HOUR, successor: next, known })
    })
    await limit(slow, second, 1)
    expect(await store.get(next)).toEqual({ dead: 'revoked' })
    expect(await listed()).toEqual([second])
    const third = await login('third', 3)
    await limit(store, third, 1)
    expect(await store.get(next)).toEqual({ dead: 'revoked' })
  })

  it('keeps the epoch until no session that it names can be alive', async () => {
    const [, second] = [await login('first', 1), await login('second', 2)]
    await limit(store, second, 1)
    const key = `uepoch:${env.hash('ada')}`
    const sweep = async () => {
      for (let rounds = 0; rounds < 3; rounds++) await store.sweep(100)
      return driver.items.has(key)
    }
    env.time += 400 * 24 * HOUR
    expect(await sweep()).toBe(true)
    env.time += 2 * 24 * HOUR
    expect(await sweep()).toBe(false)
  })
})
