import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import fsDriver from 'unstorage/drivers/fs'
import fsLite from 'unstorage/drivers/fs-lite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { nodeEnvironment, nodeFiles } from './support/node-environment'
import { Opened } from './support/opened'
import { bundleWorker, runProcess } from './support/process'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

const opened = new Opened()
let worker: string
let redis: RedisServer

beforeAll(async () => {
  worker = await bundleWorker(opened.directory())
  redis = await RedisServer.start()
  opened.add(() => redis.stop())
})
afterAll(() => opened.close())

const { hash } = nodeEnvironment

describe.each(Object.entries<(options: { base: string }) => unknown>({ 'fs': fsDriver, 'fs-lite': fsLite }))('files of %s', (_name, createDriver) => {
  it('a draft of a writer that was killed is removed after an hour, and no other file', async () => {
    const base = opened.directory()
    const store = createSessionStore({ driver: createDriver({ base }) as StoreDriver, prefix: 'app' }, nodeEnvironment, { timeout: 20_000 })
    const handle = hash('a')
    await store.create(handle, recordAt(Date.now(), { userId: 'ada' }))
    await store.destroy(hash('b'), { reason: 'revoked', until: Date.now() + HOUR })
    await store.raiseEpoch('bob')
    const kept = (await filesIn(base)).toSorted()
    const paths = ['', 'dead/', 'uepoch/', `user/${hash('ada')}/`].map(folder => join(base, 'app', folder, handle))
    for (const path of paths) expect(await runProcess(worker, { do: 'draft', path })).toBe('SIGKILL')
    const drafts = (await filesIn(base)).filter(file => !kept.includes(file))
    expect(drafts).toHaveLength(4)

    await store.sweep(1000)
    expect(await filesIn(base)).toHaveLength(kept.length + 4)
    const before = (Date.now() - HOUR) / 1000
    for (const draft of drafts) await utimes(draft, before, before)
    await store.sweep(1000)
    expect((await filesIn(base)).toSorted()).toEqual(kept)
    expect(await store.get(handle)).toHaveProperty('record')
  })

  it('the folder of a user is removed with the last session, and comes back with the next one', async () => {
    const base = opened.directory()
    let now = Date.now()
    const store = createSessionStore({ driver: createDriver({ base }) as StoreDriver, prefix: 'app' }, { ...nodeEnvironment, now: () => now }, { timeout: 20_000 })
    await store.create(hash('a'), recordAt(now, { userId: 'ada' }))
    await store.create(hash('b'), recordAt(now, { userId: 'bob', expiresAt: now + DAY }))
    now += 2 * HOUR
    await store.sweep(1000)
    expect(await readdir(join(base, 'app', 'user'))).toEqual([hash('bob').slice(0, 32)])
    await store.create(hash('c'), recordAt(now, { userId: 'ada' }))
    expect((await store.list({ userId: 'ada' })).entries).toHaveLength(1)
  })
})

it('a file is written even if its empty folder is removed in between', async () => {
  const fs = process.getBuiltinModule('node:fs/promises')
  const folder = join(opened.directory(), 'user', hash('ada'))
  const { mkdir } = fs
  let removals = 0
  const spy = vi.spyOn(fs, 'mkdir').mockImplementation(async (path, options) => {
    await mkdir(path, options)
    if (++removals <= 3) await nodeFiles.removeIfEmpty(folder)
    return undefined
  })
  await nodeFiles.replace(join(folder, hash('a')), 'x')
  spy.mockRestore()
  expect(removals).toBe(4)
  expect(await readdir(folder)).toEqual([hash('a')])
  await nodeFiles.removeIfEmpty(folder)
  expect(await readdir(folder)).toEqual([hash('a')])
})

describe('a user\'s epoch', () => {
  it('has a TTL in Redis', async () => {
    const driver = opened.driver({ driver: 'redis', port: redis.port })
    await createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 }).raiseEpoch('ada')
    const ttl = await redis.command('PTTL', `uepoch:${hash('ada')}`)
    expect(Math.ceil(Number(ttl) / DAY)).toBe(401)
  })

  it('is swept from a database', async () => {
    const driver = opened.driver({ driver: 'sqlite', path: join(opened.directory(), 'sessions.sqlite') })
    let now = Date.now()
    const store = createSessionStore({ driver, prefix: 'app' }, { ...nodeEnvironment, now: () => now }, { timeout: 20_000 })
    const epoch = await store.raiseEpoch('ada')
    now += 400 * DAY
    await store.sweep(100)
    expect(await store.epoch('ada')).toBe(epoch)
    now += DAY
    await store.sweep(100)
    expect(await store.epoch('ada')).toBe(0)
  })
})

it('in Redis, the sweep goes on in the next shard if the epoch of the app is lost in between', async () => {
  const driver = opened.driver({ driver: 'redis', port: redis.port, base: 'lost' })
  const store = createSessionStore({ driver }, nodeEnvironment, { timeout: 20_000 })
  await store.create(hash('a'), recordAt(Date.now()))
  await store.raiseAppEpoch(undefined)
  let removed = 0
  // With a limit of one entry, the session's shard is not done after this batch.
  for (let batches = 0; batches < 128 && removed === 0; batches++) removed = (await store.sweep(1)).removed
  expect(removed).toBe(1)
  await redis.command('DEL', `lost:uepoch:${hash('')}`)
  const rounds = []
  for (let batches = 0; batches < 256; batches++) rounds.push((await store.sweep(1)).isLast)
  expect(rounds.filter(Boolean)).toHaveLength(2)
})

async function filesIn(base: string): Promise<string[]> {
  const entries = await readdir(base, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}
