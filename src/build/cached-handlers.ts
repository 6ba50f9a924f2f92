import type { Nitro } from 'nitropack/types'
import type { Plugin } from 'rollup'
import { runtimePath } from './runtime-path'

/** A module of Nitro with cached handlers, and our replacement. */
interface Replacement { nitros: string, ours: string }

export const NITRO_2_HANDLERS = { nitros: 'nitropack/runtime/internal/cache', ours: runtimePath('nitro-v2-cached-handlers') }
export const NITRO_3_HANDLERS = { nitros: 'nitro/cache', ours: runtimePath('nitro-v3-cached-handlers') }

/**
 * Replaces every import of `nitros`, also for route rules, by `ours`. Nitro has no API for the end of a cached handler or
 * for the owner of an entry. `ours` itself imports `nitros`.
 */
export function replaceCachedHandlers(nitro: Nitro, replacement: Replacement): void {
  nitro.hooks.hook('rollup:before', (_nitro, config) => {
    config.plugins = [cachedHandlersPlugin(replacement), ...[config.plugins].flat()]
  })
}

/** The replacement as a Rollup plugin. */
export function cachedHandlersPlugin({ nitros, ours }: Replacement): Plugin {
  return {
    name: 'nuxt-h3-session:cached-handlers',
    async resolveId(source, importer, options) {
      if (!importer || !/(?:^|\/)cache(?:\.mjs)?$/.test(source)) return null
      const resolve = async (id: string, from?: string) => (await this.resolve(id, from, { ...options, skipSelf: true }))?.id
      const [found, theirs, own] = await Promise.all([resolve(source, importer), resolve(nitros, importer), resolve(ours)])
      // The public module of Nitro 3 re-exports an internal one.
      const isTheirs = found !== undefined && [theirs, theirs?.replace(/cache\.mjs$/, 'internal/cache.mjs')].includes(found)
      return isTheirs && importer !== own && importer !== theirs ? own : null
    },
  }
}
