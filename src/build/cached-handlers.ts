import type { Plugin } from 'rollup'
import { runtimePath } from './runtime-path'

/** A module of Nitro with cached handlers, and our replacement. */
export const NITRO_2_HANDLERS = { nitros: 'nitropack/runtime/internal/cache', ours: runtimePath('nitro-v2-cached-handlers') }
export const NITRO_3_HANDLERS = { nitros: 'nitro/cache', ours: runtimePath('nitro-v3-cached-handlers') }

/**
 * Creates a Rollup plugin that replaces every import of `nitros`, also for route rules, by `ours`. Nitro has no API for
 * the end of a cached handler or for the owner of an entry. `ours` itself imports `nitros`.
 */
export function cachedHandlersPlugin({ nitros, ours }: typeof NITRO_2_HANDLERS): Plugin {
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
