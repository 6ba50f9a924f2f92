import { readFile } from 'node:fs/promises'
import type { Plugin } from 'rollup'
import { runtimePath } from './runtime-path'

const SUFFIX = '?nuxt-h3-session'

/**
 * Creates a Rollup plugin that gives iron-webcrypto a second id for this module, which loads it only when it is used.
 * h3 1 imports it too, and Nitro 2 puts everything that h3 imports into the chunk that every server loads.
 */
export function ironChunkPlugin(): Plugin {
  return {
    name: 'nuxt-h3-session:iron-chunk',
    async resolveId(source, importer, options) {
      if (source !== 'iron-webcrypto' || !importer?.startsWith(runtimePath(''))) return null
      const found = await this.resolve(source, importer, { ...options, skipSelf: true })
      return found && !found.external ? { ...found, id: found.id + SUFFIX } : found
    },
    load: id => id.endsWith(SUFFIX) ? readFile(id.slice(0, -SUFFIX.length), 'utf8') : null,
  }
}
