import { describe, expect, it } from 'vitest'
import type { StoreDriver } from '../../src/runtime/core/store/context'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { Stores } from '../../src/runtime/server/stores'
import { sha256 } from '../../src/testing/test-options'
import { MapDriver } from './store/support/map-driver'

function storesOver(driver: MapDriver, warnOnce: (message: string) => void = () => {}): Stores {
  return new Stores(sha256, { isPrerendering: true, mountOf: () => ({ base: 'sessions:', driver }) }, warnOnce)
}

/** What is logged when the store `sessions` over such a driver is opened, twice. */
function loggedFor(driver: Partial<StoreDriver>): string[] {
  const logged: string[] = []
  const stores = storesOver(Object.assign(new MapDriver(), driver), message => logged.push(message))
  for (const storeTimeout of [1000, 1000, 2000]) stores.of({ storage: 'sessions', storeTimeout })
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

describe('a mount whose sessions have several storeTimeouts', () => {
  it('gives each call its own', async () => {
    const driver = new MapDriver()
    const stores = storesOver(driver)
    driver.before = () => new Promise(() => {})
    for (const storeTimeout of [10, 20, 10])
      await expect(stores.of({ storage: 'sessions', storeTimeout }).store.get(sha256('id'))).rejects.toThrow(`did not answer within ${storeTimeout} ms`)
  })

  it('loses no update', async () => {
    const stores = storesOver(new MapDriver())
    const handle = sha256('id')
    const [one, other] = [1000, 2000].map(storeTimeout => stores.of({ storage: 'sessions', storeTimeout }).store) as [SessionStore, SessionStore]
    await one.create(handle, { createdAt: 0, lastSeenAt: 0, expiresAt: Date.now() + 60_000, data: { count: 0 } })
    await Promise.all([one, other, one, other].map(store => store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } }))))
    expect(await one.get(handle)).toHaveProperty('record.data', { count: 4 })
  })

  it('has one configuration opened once', () => {
    const stores = storesOver(new MapDriver())
    const config = { storage: 'sessions', storeTimeout: 1000 }
    expect(stores.of(config)).toBe(stores.of(config))
  })
})
