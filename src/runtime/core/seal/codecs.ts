import type { CreateSealCodec } from '../config/seal-openers'
import type { SyncCrypto } from './crypto'
import { createSyncCodecs } from './sync-codec'
import { createWebCodec } from './web-codec'

/** Synchronous codecs if the runtime supports them, else those of iron-webcrypto. */
export function createSealCodecs(crypto: SyncCrypto | undefined): CreateSealCodec {
  return crypto ? createSyncCodecs(crypto) : createWebCodec
}
