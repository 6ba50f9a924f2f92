import type { WorkerChannel } from './channel'
import type { Inspector } from './inspector'
import type { JsonObject } from './protocol'
import type { Tickets } from './tickets'

/** What the operations of the panel's API work on. */
export interface ApiContext {
  inspector: Inspector
  channel: WorkerChannel
  tickets: Tickets
  presets: Record<string, JsonObject>
  baseURL: string
}
