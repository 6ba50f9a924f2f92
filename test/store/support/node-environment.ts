import { createHash } from 'node:crypto'
import type { StoreEnvironment } from '../../../src/runtime/core/store/context'
import { nodeFiles as filesOfNode } from '../../../src/runtime/server/node-files'

/** The same functions that the server gives the stores. */
export const nodeFiles = filesOfNode()!

export const nodeEnvironment: StoreEnvironment = {
  now: Date.now,
  hash: text => createHash('sha256').update(text).digest('hex'),
  random: Math.random,
  newWriter: Math.random,
  startTimer(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  files: nodeFiles,
}
