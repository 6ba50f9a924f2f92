import type { ResolvedConfig } from '../core/config/types'
import { configInvalid } from '../core/model/errors'
import type { StorePersistence } from '../core/session/context'
import { createStorePersistence } from '../core/session/persistence/store'
import { createSessionStore } from '../core/store/create-store'
import type { StoreDriver, StoreEnvironment } from '../core/store/context'
import type { SessionStore } from '../core/store/store'
import type { SessionHost } from '../adapters/shared/host'
import { nodeFiles } from './node-files'
import { createStoreEnvironment } from './store-environment'
import { startSweep } from './sweep'

type StoreConfig = Pick<ResolvedConfig, 'storage' | 'storeTimeout'>

/** The process's session stores: one for each mount, because the store queues the writes of a session. */
export class Stores {
  private readonly stores = new Map<string, SessionStore>()
  private readonly opened = new WeakMap<StoreConfig, StorePersistence>()
  private readonly env: StoreEnvironment
  /** Stops the removal of ended sessions. */
  readonly stop: () => void

  /** `warnOnce` gets what the developer must know about a store, when it is opened. Workers open it at the first request. */
  constructor(hash: (text: string) => string, private readonly host: Pick<SessionHost, 'mountOf' | 'isPrerendering'>, private readonly warnOnce: (message: string) => void) {
    this.env = createStoreEnvironment({ now: Date.now, hash, files: nodeFiles() })
    this.stop = startSweep({ host, stores: () => this.stores.values(), warnOnce })
  }

  /** @throws SESSION_CONFIG_INVALID if there is no such mount */
  of(config: StoreConfig): StorePersistence {
    const known = this.opened.get(config)
    if (known) return known
    const { storage = '', storeTimeout } = config
    const store = this.stores.get(storage) ?? this.open(storage, storeTimeout)
    const persistence = createStorePersistence(store.withTimeout(storeTimeout))
    this.opened.set(config, persistence)
    return persistence
  }

  private open(storage: string, timeout: number): SessionStore {
    const { base, driver } = this.host.mountOf(`${storage}:`)
    // Without the mount, keys go to the root mount, which is in memory and lost at a restart.
    if (base === '')
      throw configInvalid(`storage is "${storage}", but the server was built without such a mount. Add it to the configuration of the build: nitro: { storage: { ${JSON.stringify(storage)}: { driver: 'redis' } } }, or session: { storage: true } for files.`)
    const store = createSessionStore({ driver: driver as StoreDriver, prefix: `${storage}:`.slice(base.length) }, this.env, { timeout })
    this.stores.set(storage, store)
    if (store.consistency !== 'strong') this.warnOnce(delayWarning(storage, driver as StoreDriver, store.consistency))
    return store
  }
}

function delayWarning(storage: string, { name }: StoreDriver, consistency: 'eventual' | 'unknown'): string {
  const [verb, condition] = consistency === 'eventual' ? ['is', 'Until'] : ['may be', 'If it is, until']
  return `The store "${storage}" (unstorage driver "${name}") ${verb} eventually consistent. ${condition} a write arrives in another location, that location still accepts a session that was logged out, revoked or given a new id, and concurrent updates can be lost. If a logout must work at once, use the redis or db0 driver; on Cloudflare Workers db0 with D1.`
}
