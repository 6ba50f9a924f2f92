import { rename, rm, writeFile } from 'node:fs/promises'
import fsDriver from 'unstorage/drivers/fs'
import fsLite from 'unstorage/drivers/fs-lite'
import { afterAll, describe, expect, it } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { recordAt } from './support/scenarios'

const opened = new Opened()
afterAll(() => opened.close())

const { hash } = nodeEnvironment
const HANDLE = hash('a')

const OPERATIONS: Record<string, (store: SessionStore) => Promise<unknown>> = {
  create: store => store.create(hash('b'), recordAt(Date.now(), { userId: 'ada' })),
  get: store => store.get(HANDLE),
  update: store => store.update(HANDLE, record => ({ ...record, data: { count: 1 } })),
  destroy: store => store.destroy(HANDLE, { reason: 'revoked', until: Date.now() + 1000 }),
  epoch: store => store.epoch('ada'),
  raiseEpoch: store => store.raiseEpoch('ada'),
  list: store => store.list({}),
  sweep: store => store.sweep(10),
}

// These drivers return errors of the file system as values.
describe.each(Object.entries<(options: { base: string }) => unknown>({ 'fs': fsDriver, 'fs-lite': fsLite }))('%s whose folder is a file', (_name, createDriver) => {
  it.each(Object.entries(OPERATIONS))('does not answer %s as if there were no session, and keeps it for later', async (_operation, run) => {
    const base = opened.directory()
    const create = () => createSessionStore({ driver: createDriver({ base }) as StoreDriver }, nodeEnvironment, { timeout: 20_000 })
    await create().create(HANDLE, recordAt(Date.now(), { userId: 'ada' }))
    await rename(base, `${base}.away`)
    await writeFile(base, '')
    const store = create()
    await expect(run(store)).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE', statusCode: 503, message: expect.stringContaining('ENOTDIR') })
    await rm(base)
    await rename(`${base}.away`, base)
    expect(await store.get(HANDLE)).toHaveProperty('record')
  })
})
