import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ApiContext } from './api-context'
import { Changes } from './changes'
import { WorkerChannel } from './channel'
import type { FindCompiled } from './compiled-modules'
import { Inspector } from './inspector'
import { ensureHistoryKey } from './history-key'
import { createPanelMiddleware } from './middleware'
import { Notifier } from './notifier'
import type { Presets } from './protocol'
import { createSourceFinder, sourcesOf } from './source'
import { StoreReader } from './store-reader'
import { Tickets } from './tickets'

const INSPECTOR = Symbol.for('nuxt-h3-session.inspector')

export interface PanelOptions {
  rootDir: string
  /** Without the slash at its end. */
  baseURL: string
  /** Path of the panel below the base URL. */
  path: string
  presets: Presets
  findCompiled?: FindCompiled
  onRefused?: (request: IncomingMessage) => void
}

/** Records what the worker reports, and serves it to the panel. `notify` is called at most four times a second, and seldom while no panel fetches. */
export function createPanel({ rootDir, baseURL, path, presets, findCompiled, onRefused }: PanelOptions, notify: (seq: number) => void) {
  // On `globalThis`, so that it survives a reload of the server and of its configuration.
  const holder = globalThis as { [INSPECTOR]?: Inspector }
  const inspector = holder[INSPECTOR] ??= new Inspector()
  const token = randomBytes(32).toString('base64url')
  const findSources = createSourceFinder(rootDir, findCompiled)
  const changes = new Changes()
  const notifier = new Notifier(() => {
    notify(inspector.seq)
    changes.notify(inspector.seq)
  })
  const channel = new WorkerChannel((report) => {
    const { seq } = inspector
    if (report.type === 'sent') inspector.finish(report)
    else if (report.type === 'verdict') inspector.explain(report)
    else inspector.record(report, sourcesOf(report, findSources))
    if (report.type === 'observed' && report.reason === 'SESSION_STORE_UNAVAILABLE' && report.storage !== undefined)
      stores.markFailed(report.storage, report.explanation ?? '')
    // Also after `sent`: with the new cookie, the panel can find this browser's session.
    if (inspector.seq > seq) notifier.changed()
  })
  const stores = new StoreReader(channel, inspector, () => notifier.changed())
  let key: Promise<string> | undefined
  const historyKey = () => key ??= ensureHistoryKey(rootDir)
  const base = baseURL + path
  const context: ApiContext = { inspector, channel, stores, changes, notifier, tickets: new Tickets(Date.now), historyKey, rootDir, presets, baseURL, base }
  return {
    access: { token, api: `${base}/api` },
    base,
    middleware: createPanelMiddleware(context, { token, onRefused }, panelDir()),
    close() {
      notifier.close()
      channel.close()
      changes.close()
    },
  }
}

/** The built panel: beside the module in the package, in `dist` when it runs from this repository. */
function panelDir(): string {
  const [packaged, built] = ['./client', '../../dist/client'].map(path => fileURLToPath(new URL(path, import.meta.url)))
  return existsSync(packaged!) ? packaged! : built!
}
