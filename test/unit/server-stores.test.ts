import { describe, expect, it } from 'vitest'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import { Stores } from '../../src/runtime/server/stores'
import { sha256 } from '../../src/testing/test-options'
import { MapDriver } from './store/support/map-driver'

/** What is logged when the store `sessions` over such a driver is opened, twice. */
function loggedFor(driver: Partial<StoreDriver>): string[] {
  const logged: string[] = []
  const host = { isPrerendering: true, mountOf: () => ({ base: 'sessions:', driver: Object.assign(new MapDriver(), driver) }) }
  const stores = new Stores(sha256, host, message => logged.push(message))
  for (let time = 0; time < 2; time++) stores.of({ storage: 'sessions', storeTimeout: 1000 })
  return logged
}

describe('a store that is opened', () => {
  it.each(['cloudflare-kv-binding', 'cloudflare-kv-http', 'netlify-blobs', 'upstash', 'vercel-kv', 'vercel-blob'])('logs once that the driver %s is eventually consistent', (name) => {
    const [message, ...more] = loggedFor({ name })
    expect(message).toContain(`The store "sessions" (unstorage driver "${name}") is eventually consistent.`)
    expect(message).toMatch(/logged out.+db0/)
    expect(more).toEqual([])
  })

  it.each(['http', 'azure-cosmos'])('logs once that the driver %s may be eventually consistent', (name) => {
    const logged = loggedFor({ name })
    expect(logged).toEqual([expect.stringContaining(`The store "sessions" (unstorage driver "${name}") may be eventually consistent.`)])
  })

  it.each([{ name: 'fs-lite' }, { name: 'cloudflare-r2-binding' }, { name: 'netlify-blobs', options: { consistency: 'strong' } }])('logs nothing for %j', (driver) => {
    expect(loggedFor(driver)).toEqual([])
  })
})
