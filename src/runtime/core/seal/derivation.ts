import { loadOnce } from '../utils/lazily'
import { andThen } from '../utils/maybe-promise'
import type { SyncCrypto } from './crypto'
import type { KeyDerivation } from './key-derivation'
import type { DeriveKey } from './keys'

const loadQueue = loadOnce(() => import('./key-derivation'))

/** Derives keys, of one iteration at once. Others need a queue, which most apps do not load. */
export function createDerivation(crypto: SyncCrypto): { derive: DeriveKey, addForged: (iterations: number) => void } {
  let queue: KeyDerivation | undefined
  const derive: DeriveKey = (password, salt, iterations, isUnverified) => iterations === 1
    ? crypto.deriveSync(password, salt, 1)
    : andThen(loadQueue(), ({ KeyDerivation }) => (queue ??= new KeyDerivation(crypto)).derive(password, salt, iterations, isUnverified))
  return { derive, addForged: iterations => queue?.addForged(iterations) }
}
