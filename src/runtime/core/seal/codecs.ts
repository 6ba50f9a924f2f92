import type { CreateSealCodec } from '../config/seal-openers'
import type { SyncCrypto } from './crypto'
import { createSyncCodecs } from './sync-codec'
import { createWebCodec } from './web-codec'

/** How a process makes and opens seals: synchronously if the runtime can, else by iron-webcrypto. */
export function createSealCodecs(crypto: SyncCrypto | undefined): CreateSealCodec {
  return crypto ? createSyncCodecs(crypto) : createWebCodec
}
