import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const opened = new Opened()
let stores: SessionStore[]

beforeAll(async () => {
  const server = await RedisServer.start()
  opened.add(() => server.stop())
  stores = Array.from({ length: 5 }, () =>
    createSessionStore({ driver: opened.driver({ driver: 'redis', port: server.port }) }, nodeEnvironment, { timeout: 20_000 }))
})
afterAll(() => opened.close())

interface Login { handle: string, epoch: number, isBefore: boolean }

it('every session of a user that was bound before a raise is revoked after it, during many parallel logins', async () => {
  const [admin, ...servers] = stores as [SessionStore, ...SessionStore[]]
  const logins: Login[] = []
  const raises = { started: 0, done: 0 }
  let isStorm = true

  // A login takes more steps between the two.
  const login = async (store: SessionStore, steps = 3) => {
    const handle = nodeEnvironment.hash(Math.random().toString())
    const epoch = await store.epoch('ada')
    for (let step = 0; step < steps; step++) await store.get(handle)
    await store.create(handle, recordAt(Date.now(), { userId: 'ada', epoch }))
    logins.push({ handle, epoch, isBefore: raises.started === 0 })
  }
  const storm = async (store: SessionStore) => {
    while (isStorm) await Promise.all(Array.from({ length: 4 }, () => login(store)))
  }
  const storms = servers.map(storm)
  while (logins.length < 1500) await login(admin, 0)

  raises.started++
  const epoch = await admin.raiseEpoch('ada')
  const known = logins.length
  while (logins.length < known + 300) await login(admin, 0)
  isStorm = false
  await Promise.all(storms)

  const alive = new Set<string>()
  for (const { handle } of logins) {
    const found = await admin.get(handle)
    if (found && 'record' in found) alive.add(handle)
    else expect(found).toEqual({ dead: 'revoked' })
  }
  expect(logins.filter(login => login.isBefore).length).toBeGreaterThan(1000)
  expect(logins.filter(login => !login.isBefore && login.epoch < epoch)).not.toEqual([])
  expect(logins.filter(login => login.isBefore && alive.has(login.handle))).toEqual([])
  expect(logins.filter(login => login.epoch === epoch).map(login => login.handle).sort()).toEqual([...alive].sort())
  expect(await admin.count({ userId: 'ada' })).toBe(alive.size)
})
