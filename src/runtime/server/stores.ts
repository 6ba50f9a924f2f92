import type { ResolvedConfig } from '../core/config/types'
import { configInvalid } from '../core/model/errors'
import { createSessionStore } from '../core/store/create-store'
import type { StoreDriver, StoreEnvironment } from '../core/store/context'
import type { SessionStore } from '../core/store/store'
import type { SessionHost } from '../adapters/shared/host'
import { nodeFiles } from './node-files'
import { createStoreEnvironment } from './store-environment'

/** The process's session stores by mount: one each, since writes of one session wait for each other there. */
export class Stores {
  private readonly stores = new Map<string, SessionStore>()
  private readonly env: StoreEnvironment

  constructor(hash: (text: string) => string, private readonly host: Pick<SessionHost, 'mountOf'>) {
    this.env = createStoreEnvironment({ now: Date.now, hash, files: nodeFiles() })
  }

  /** @throws SESSION_CONFIG_INVALID where nothing is mounted under the name */
  of({ storage, storeTimeout }: Pick<ResolvedConfig, 'storage' | 'storeTimeout'>): SessionStore {
    const name = storage ?? ''
    const known = this.stores.get(name)
    if (known) return known
    const store = createSessionStore(placeOf(name, this.host), this.env, { timeout: storeTimeout })
    this.stores.set(name, store)
    return store
  }

  /** Removes what has ended, a few records of each store at a time. */
  async sweep(limit: number): Promise<void> {
    await Promise.all(Array.from(this.stores.values(), store => store.sweep(limit)))
  }
}

function placeOf(name: string, host: Pick<SessionHost, 'mountOf'>) {
  const { base, driver } = host.mountOf(`${name}:`)
  // The root takes whatever has no mount of its own; there it is lost with the process.
  if (base === '')
    throw configInvalid(`storage is "${name}", and the server was built without such a mount. Add it where the app is built: nitro: { storage: { ${JSON.stringify(name)}: { driver: 'redis' } } }, or session: { storage: true } for files.`)
  return { driver: driver as StoreDriver, prefix: `${name}:`.slice(base.length) }
}
