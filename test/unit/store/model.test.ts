import fc from 'fast-check'
import memory from 'unstorage/drivers/memory'
import { expect, it, vi } from 'vitest'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { FakeStoreEnvironment } from './support/fake-environment'
import { MapDriver } from './support/map-driver'
import { runModel, steps } from './support/model'

vi.setConfig({ testTimeout: 60_000 })

const DRIVERS: Record<string, () => StoreDriver> = {
  'the memory driver': () => memory() as unknown as StoreDriver,
  'any driver': () => new MapDriver(),
}

it.each(Object.entries(DRIVERS))('%s behaves like a plain map', async (_name, createDriver) => {
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    const env = new FakeStoreEnvironment()
    const store = createSessionStore({ driver: createDriver() }, env, { timeout: 2000 })
    let handles = 0
    await runModel({ store, now: env.now, advance: ms => env.advance(ms), newHandle: () => env.handle(`${++handles}`) }, all)
    expect(env.timers).toBe(0)
  }), { numRuns: 300, timeout: 10_000 })
})
