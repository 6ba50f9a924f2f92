import { fileURLToPath } from 'node:url'
import type { Nitro, NitroModule } from 'nitropack/types'

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
  },
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
