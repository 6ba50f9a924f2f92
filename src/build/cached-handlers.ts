import type { Nitro } from 'nitropack/types'
import type { Plugin } from 'rollup'
import { runtimePath } from './runtime-path'

/** A module of Nitro's with its cached handlers, and ours in its place. */
interface Replacement { nitros: string, ours: string }

export const NITRO_2_HANDLERS = { nitros: 'nitropack/runtime/internal/cache', ours: runtimePath('nitro-v2-cached-handlers') }
export const NITRO_3_HANDLERS = { nitros: 'nitro/cache', ours: runtimePath('nitro-v3-cached-handlers') }

/**
 * Gives the app `ours` in place of the module with Nitro's cached handlers, whichever way it is imported, also for those
 * of route rules. Nitro itself does not say when a cached handler has ended, nor whose entry it serves. `nitros` is the
 * name by which `ours` imports Nitro's.
 */
export function replaceCachedHandlers(nitro: Nitro, replacement: Replacement): void {
  nitro.hooks.hook('rollup:before', (_nitro, config) => {
    config.plugins = [cachedHandlersPlugin(replacement), ...[config.plugins].flat()]
  })
}

/** Does it for any bundler that takes Rollup's plugins. */
export function cachedHandlersPlugin({ nitros, ours }: Replacement): Plugin {
  return {
    name: 'nuxt-h3-session:cached-handlers',
    async resolveId(source, importer, options) {
      if (!importer || !/(?:^|\/)cache(?:\.mjs)?$/.test(source)) return null
      const resolve = async (id: string, from?: string) => (await this.resolve(id, from, { ...options, skipSelf: true }))?.id
      const [found, theirs, own] = await Promise.all([resolve(source, importer), resolve(nitros, importer), resolve(ours)])
      // The public module of Nitro 3 has its handlers from an internal one.
      const isTheirs = found !== undefined && [theirs, theirs?.replace(/cache\.mjs$/, 'internal/cache.mjs')].includes(found)
      return isTheirs && importer !== own && importer !== theirs ? own : null
    },
  }
}
