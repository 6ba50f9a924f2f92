import type { Changes } from './changes'
import type { WorkerChannel } from './channel'
import type { Inspector } from './inspector'
import type { Notifier } from './notifier'
import type { Presets } from './protocol'
import type { StoreReader } from './store-reader'
import type { Tickets } from './tickets'

/** What the operations of the panel work on. */
export interface ApiContext {
  inspector: Inspector
  channel: WorkerChannel
  stores: StoreReader
  tickets: Tickets
  /** Tells pages without DevTools of changes. */
  changes: Changes
  notifier: Pick<Notifier, 'fetched' | 'changed'>
  /** Opens what a panel has kept over a restart of the server. */
  historyKey: () => Promise<string>
  /** The project's folder, from which sources are named. */
  rootDir: string
  presets: Presets
  baseURL: string
  /** Path of the panel and its API, with the app's base URL. */
  base: string
}
