import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { recordAt } from './support/scenarios'

const HANDLE = nodeEnvironment.hash('a')

const opened = new Opened()
let server: RedisServer
let store: SessionStore

beforeEach(async () => {
  server = await RedisServer.start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
  opened.add(() => server.stop())
  await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  store = createSessionStore({ driver: opened.driver({ driver: 'redis-cluster', port: server.port }) }, nodeEnvironment, { timeout: 20_000 })
  await store.create(HANDLE, recordAt(Date.now()))
})
afterEach(() => opened.close())

it('a cluster without a node for the session is reported with the code of its last answer', async () => {
  await server.command('CLUSTER', 'DELSLOTS', String(await server.command('CLUSTER', 'KEYSLOT', HANDLE)))
  await expect(store.get(HANDLE)).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', message: expect.stringContaining('failed (CLUSTERDOWN)') })
})
