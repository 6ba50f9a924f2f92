import type { ResolvedConfig } from '../core/config/types'
import { configInvalid } from '../core/model/errors'
import { createSessionStore } from '../core/store/create-store'
import type { StoreDriver, StoreEnvironment } from '../core/store/context'
import type { SessionStore } from '../core/store/store'
import type { SessionHost } from '../adapters/shared/host'
import { nodeFiles } from './node-files'
import { createStoreEnvironment } from './store-environment'

/** The process's session stores: one for each mount, because the store queues the writes of a session. */
export class Stores {
  private readonly stores = new Map<string, SessionStore>()
  private readonly env: StoreEnvironment

  constructor(hash: (text: string) => string, private readonly host: Pick<SessionHost, 'mountOf'>) {
    this.env = createStoreEnvironment({ now: Date.now, hash, files: nodeFiles() })
  }

  /** @throws SESSION_CONFIG_INVALID if there is no such mount */
  of({ storage, storeTimeout }: Pick<ResolvedConfig, 'storage' | 'storeTimeout'>): SessionStore {
    const name = storage ?? ''
    const known = this.stores.get(name)
    if (known) return known
    const store = createSessionStore(storeMountOf(name, this.host), this.env, { timeout: storeTimeout })
    this.stores.set(name, store)
    return store
  }

  /** Checks at most `limit` items of each store and removes those that have ended. */
  async sweep(limit: number): Promise<void> {
    await Promise.all(Array.from(this.stores.values(), store => store.sweep(limit)))
  }
}

function storeMountOf(name: string, host: Pick<SessionHost, 'mountOf'>) {
  const { base, driver } = host.mountOf(`${name}:`)
  // Without the mount, keys go to the root mount, which is in memory and lost at a restart.
  if (base === '')
    throw configInvalid(`storage is "${name}", but the server was built without such a mount. Add it to the configuration of the build: nitro: { storage: { ${JSON.stringify(name)}: { driver: 'redis' } } }, or session: { storage: true } for files.`)
  return { driver: driver as StoreDriver, prefix: `${name}:`.slice(base.length) }
}
