import { afterAll, beforeAll } from 'vitest'
import type { AppName } from '../../e2e/support/build'
import { Server } from '../../e2e/support/server'
import { environmentsOf } from './pages'

interface PairOptions<Store> {
  app: AppName
  /** The servers get the environment of its command with this URL, except the password and the address of the store. */
  page: string
  password: string
  startStore: () => Promise<Store>
  /** The page's variable with the URL of the store. */
  variable: string
  /** The scheme of that URL. */
  scheme: string
  /** What is in that URL after its scheme. */
  address: (store: Store) => string
}

/** Two servers of an app, and their common store. */
interface ServerPair<Store> { store: Store, server: Server, second: Server }

/** A pair for all tests of a file. Its parts are set when they are started. */
export function suiteServerPair<Store extends { stop: () => Promise<void> }>(
  { app, page, password, startStore, variable, scheme, address }: PairOptions<Store>,
): ServerPair<Store> {
  const pair = {} as ServerPair<Store>
  beforeAll(async () => {
    pair.store = await startStore()
    const shown = environmentsOf(page).find(env => env[variable]?.startsWith(`${scheme}://`))
    if (!shown) throw new Error(`No command of ${page} sets ${variable}.`)
    const env = { ...shown, NUXT_SESSION_PASSWORD: password, [variable]: `${scheme}://${address(pair.store)}` }
    pair.server = new Server(app, env)
    pair.second = new Server(app, env)
    await pair.server.start()
    await pair.second.start()
  })
  afterAll(async () => {
    // The store first, so that it ends even if a server throws.
    await pair.store.stop()
    await pair.server.stop()
    await pair.second.stop()
  })
  return pair
}
