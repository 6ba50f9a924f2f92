import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreBackend } from './backend'
import type { StoreContext } from './context'
import type { UserEpochs } from './user-epochs'
import type { StoreKeys } from './keys'
import type { Deadline } from './deadline'
import { decode } from './record'
import type { SessionIndex } from './session-index'
import type { Found } from './store'

export interface StoreParts {
  context: StoreContext
  backend: StoreBackend
  index: SessionIndex
  keys: StoreKeys
  epochs: UserEpochs
}

/** Reads a session without regard to its user's epoch. */
export function readSession({ backend, keys }: StoreParts, deadline: Deadline, handle: string): MaybePromise<Found> {
  return andThen(backend.get(deadline, keys.session(handle)), decode)
}

/** Reads a session; it counts as revoked if its user's epoch was raised since. */
export function getSession(parts: StoreParts, deadline: Deadline, handle: string): MaybePromise<Found> {
  return andThen(readSession(parts, deadline, handle), found => parts.epochs.rejectOutdated(deadline, handle, found))
}

/** For cleanup after a write: if it fails, nothing stays that counts as a session. */
export async function ignoreFailure(work: MaybePromise<void>): Promise<void> {
  try {
    await work
  }
  catch {
    // The write itself succeeded.
  }
}
