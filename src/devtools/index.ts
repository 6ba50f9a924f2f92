import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { addVitePlugin } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { ViteDevServer } from 'vite'
import type { ApiContext } from './api'
import { WorkerChannel } from './channel'
import { coalesce } from './coalesce'
import { Inspector } from './inspector'
import { createPanelMiddleware } from './middleware'
import { checkPresets } from './presets'
import { PANEL_PATH } from './protocol'
import type { Presets, SessionPreset } from './protocol'
import { onDevtools, registerRpc } from './rpc'
import { createSourceFinder } from './source'
import { StoreReader } from './store-reader'
import { Tickets } from './tickets'
import { runtimePath } from '../build/runtime-path'
import { hasNitro3 } from '../build/nuxt-version'

export interface DevtoolsOptions {
  /** Sessions that the tab creates with one click, by the preset's name. */
  presets?: Record<string, SessionPreset>
}

const NOTIFY_INTERVAL_MS = 250
const INSPECTOR = Symbol.for('nuxt-h3-session.inspector')

/** Adds the "Sessions" tab to Nuxt DevTools, in development only and only if DevTools is enabled. */
export function addDevtools(nuxt: Nuxt, { presets = {} }: DevtoolsOptions): void {
  // The plugin that records sessions needs Nitro 2.
  if (!nuxt.options.dev || nuxt.options.test || hasNitro3(nuxt)) return
  onDevtools(nuxt, 'before', () => nuxt.runWithContext(() => addTab(nuxt, checkPresets(presets))))
}

function addTab(nuxt: Nuxt, presets: Presets): void {
  const baseURL = nuxt.options.app.baseURL.replace(/\/$/, '')
  const base = `${baseURL}${PANEL_PATH}`
  // On `globalThis`, so that it survives a reload of the server and of nuxt.config.
  const holder = globalThis as { [INSPECTOR]?: Inspector }
  const inspector = holder[INSPECTOR] ??= new Inspector()
  const token = randomBytes(32).toString('base64url')
  const findSources = createSourceFinder(nuxt.options.rootDir)
  const notify = registerRpc(nuxt, { token, api: `${base}/api` })
  const changed = coalesce(() => notify(inspector.seq), NOTIFY_INTERVAL_MS)
  const channel = new WorkerChannel((report) => {
    if (report.type === 'sent') inspector.finish(report)
    else if (report.type === 'verdict') inspector.explain(report)
    else inspector.record(report, findSources(report.frames))
    if (report.type === 'observed' && report.reason === 'SESSION_STORE_UNAVAILABLE' && report.storage !== undefined)
      stores.markFailed(report.storage, report.explanation ?? '')
    // Also after `sent`: with the new cookie, the panel can find this browser's session.
    void changed()
  })
  nuxt.hook('close', () => channel.close())
  nuxt.hook('nitro:config', (config) => {
    config.plugins = [...config.plugins ?? [], runtimePath('server/devtools/recorder')]
  })
  const stores = new StoreReader(channel, inspector, changed)
  const context: ApiContext = { inspector, channel, stores, tickets: new Tickets(Date.now), presets, baseURL, editor: '' }
  // The built panel: beside the module in the package, in `dist` when it runs from this repository.
  const packaged = fileURLToPath(new URL('./client', import.meta.url))
  const panelDir = existsSync(packaged) ? packaged : fileURLToPath(new URL('../../dist/client', import.meta.url))
  const middleware = createPanelMiddleware(context, token, panelDir)
  // Not bound to a route, and before Nuxt's own middleware: Vite adds CORS headers to middleware with a route.
  addVitePlugin({ name: 'nuxt-h3-session:devtools', apply: 'serve', configureServer(server: ViteDevServer) {
    context.editor = `${server.config.base}__open-in-editor?file=${encodeURIComponent(`${nuxt.options.rootDir}/`)}`
    server.middlewares.use(middleware)
  } })
  onDevtools<object[]>(nuxt, 'customTabs', tabs => void tabs.push({
    name: 'sessions', title: 'Sessions', icon: `${base}/icon.svg`, category: 'server', requireAuth: true,
    view: { type: 'iframe', src: `${base}/`, persistent: true },
  }))
}
