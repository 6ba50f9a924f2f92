import { createAes } from './node-aes'
import { createKeyedHashes } from './node-hmac'
import type { Aes, KeyedHashes, RandomBytes } from './node-simple'

/** Primitives that use less CPU, each only if it gives the same results in this runtime. */
export function createQuickPrimitives(runtime: Parameters<typeof createAes>[0] & Parameters<typeof createKeyedHashes>[0], randomBytes: RandomBytes): Aes & KeyedHashes {
  return { ...createAes(runtime, randomBytes), ...createKeyedHashes(runtime) }
}
