import { beforeAll, expect, it } from 'vitest'
import { buildApp } from '../../bench/macro/app-build'
import { measureMemory } from '../../bench/macro/memory'
import { SHORT } from '../../bench/settings'

let entry: string

beforeAll(async () => {
  entry = await buildApp()
})

// Bytes do not depend on the load of the machine.
it('a request that reads a session allocates at most 3 KB more than one of a plain route', async () => {
  const { perRequest } = await measureMemory(entry, { ...SHORT, memory: { warmUp: 5000, requests: 2000, repeats: 3 }, visitors: 64 })
  expect(perRequest.get('ours')! - perRequest.get('plain')!).toBeLessThan(3 * 1024)
}, 120_000)
