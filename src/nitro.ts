import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Nitro, NitroModule } from 'nitropack/types'
import { DEFAULT_MOUNT } from './runtime/core/config-values'
import type { SessionRuntimeConfig } from './runtime/core/types'

/** The files of `storage: true`. */
const DEFAULT_STORE = '.data/session'

const FUNCTIONS = {
  'session': [
    'useSession', 'getSession', 'updateSession', 'clearSession', 'sealSession', 'unsealSession', 'regenerateSession',
  ],
  'require-session': ['requireSession'],
  'administration': ['listSessions', 'countSessions', 'revokeSession', 'revokeUserSessions'],
}

/** A file of the runtime, which lies beside this one in the package. */
export function runtimePath(path: string): string {
  return fileURLToPath(new URL(`./runtime/${path}`, import.meta.url))
}

/** Brings the session functions into a Nitro app: auto-imports, `#session` and the plugin. */
export const sessionNitroModule: NitroModule = {
  name: 'nuxt-h3-session',
  setup(nitro) {
    nitro.options.alias['#session'] = runtimePath('session')
    nitro.options.plugins.unshift(runtimePath('server/plugins/session'))
    // Nitro alone leaves it unset, whatever its types say.
    const externals: Nitro['options']['externals'] | undefined = nitro.options.externals
    nitro.options.externals = { ...externals, inline: [...externals?.inline ?? [], runtimePath('')] }
    replaceAutoImports(nitro)
    mountDefaultStore(nitro)
  },
}

/** `storage: true`: files, which need no server, unless the app has a mount of that name. */
function mountDefaultStore({ options }: Nitro): void {
  const { storage, named } = (options.runtimeConfig.session ?? {}) as unknown as SessionRuntimeConfig
  const isAsked = [storage, ...Object.values(named ?? {}).map(session => session.storage)].includes(true)
  if (!isAsked || options.storage?.[DEFAULT_MOUNT] || options.devStorage?.[DEFAULT_MOUNT] || !options.node) return
  const base = options.dev ? join(options.rootDir, DEFAULT_STORE) : `./${DEFAULT_STORE}`
  options.storage = { ...options.storage, [DEFAULT_MOUNT]: { driver: 'fs-lite', base } }
}

/**
 * Takes h3's functions out of Nitro's preset and adds ours with a priority below the app's own `server/utils`.
 * Where auto-imports are off, they stay off.
 */
function replaceAutoImports({ options }: Nitro): void {
  if (!options.imports) return
  const names = new Set(Object.values(FUNCTIONS).flat())
  for (const preset of options.imports.presets ?? []) {
    if (typeof preset === 'object' && 'from' in preset && preset.from === 'h3' && 'imports' in preset)
      preset.imports = preset.imports.filter(entry => !(typeof entry === 'string' && names.has(entry)))
  }
  options.imports.imports = [
    ...options.imports.imports ?? [],
    ...Object.entries(FUNCTIONS).flatMap(([file, functions]) =>
      functions.map(name => ({ name, from: runtimePath(`server/utils/${file}`), priority: 0 }))),
  ]
}
