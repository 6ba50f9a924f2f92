import type { Nitro } from 'nitropack/types'
import type { Plugin } from 'rollup'

/** The module of Nitro 2 with its cached handlers, whichever way it is imported. */
const NITROS = 'nitropack/runtime/internal/cache'

/**
 * Gives the app `file` in place of the module with Nitro's cached handlers, also for those of route rules. Nitro itself
 * does not say when a cached handler has ended, nor whose entry it serves.
 */
export function replaceCachedHandlers(nitro: Nitro, file: string): void {
  nitro.hooks.hook('rollup:before', (_nitro, config) => {
    config.plugins = [replacing(file), config.plugins]
  })
}

function replacing(file: string): Plugin {
  return {
    name: 'nuxt-h3-session:cached-handlers',
    async resolveId(source, importer, options) {
      if (!importer || !/(?:^|\/)cache(?:\.mjs)?$/.test(source)) return null
      const resolve = async (id: string, from?: string) => (await this.resolve(id, from, { ...options, skipSelf: true }))?.id
      const [found, nitros, ours] = await Promise.all([resolve(source, importer), resolve(NITROS, importer), resolve(file)])
      return found !== undefined && found === nitros && importer !== ours ? ours : null
    },
  }
}
