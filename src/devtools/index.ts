import { addServerPlugin, addVitePlugin } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { ViteDevServer } from 'vite'
import { CompiledModules } from './compiled-modules'
import { createPanel } from './panel'
import { checkPresets } from './presets'
import { PANEL_PATH } from './protocol'
import type { Presets, SessionPreset } from './protocol'
import { onDevtools, registerRpc } from './rpc'
import { hasNitro3 } from '../build/nuxt-version'
import { runtimePath } from '../build/runtime-path'

export interface DevtoolsOptions {
  /** Sessions that the tab creates with one click, by the preset's name. */
  presets?: Record<string, SessionPreset>
}

/** Adds the "Sessions" tab to Nuxt DevTools, in development only and only if DevTools is enabled. */
export function addDevtools(nuxt: Nuxt, { presets = {} }: DevtoolsOptions): void {
  if (!nuxt.options.dev || nuxt.options.test) return
  onDevtools(nuxt, 'before', () => nuxt.runWithContext(() => addTab(nuxt, checkPresets(presets))))
}

function addTab(nuxt: Nuxt, presets: Presets): void {
  const { rootDir, app } = nuxt.options
  const compiled = new CompiledModules(hasNitro3(nuxt))
  const panel = createPanel({ rootDir, baseURL: app.baseURL.replace(/\/$/, ''), path: PANEL_PATH, presets, findCompiled: file => compiled.find(file) }, seq => notify(seq))
  const notify = registerRpc(nuxt, panel.access)
  nuxt.hook('close', () => panel.close())
  addServerPlugin({ nitro2: runtimePath('nitro-v2-devtools'), nitro3: runtimePath('nitro-v3-devtools') })
  // Not bound to a route, and before Nuxt's own middleware: Vite adds CORS headers to middleware with a route.
  addVitePlugin({ name: 'nuxt-h3-session:devtools', apply: 'serve', configureServer(server: ViteDevServer) {
    server.middlewares.use(panel.middleware)
    compiled.add(server)
  } })
  onDevtools<object[]>(nuxt, 'customTabs', tabs => void tabs.push({
    name: 'sessions', title: 'Sessions', icon: `${panel.base}/icon.svg`, category: 'server', requireAuth: true,
    view: { type: 'iframe', src: `${panel.base}/`, persistent: true },
  }))
}
