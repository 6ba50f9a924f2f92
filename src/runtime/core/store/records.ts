import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Cells } from './backend'
import type { StoreContext } from './context'
import type { Epochs } from './user-epochs'
import type { StoreKeys } from './keys'
import type { Operation } from './deadline'
import { decode } from './record'
import type { SessionIndex } from './session-index'
import type { Found } from './store'

/** What a store consists of. */
export interface StoreParts {
  context: StoreContext
  cells: Cells
  index: SessionIndex
  keys: StoreKeys
  epochs: Epochs
}

/** What lies at a session's key, whatever the user's epoch. */
export function readSession({ cells, keys }: StoreParts, operation: Operation, handle: string): MaybePromise<Found> {
  return andThen(cells.get(operation, keys.session(handle)), decode)
}

/** The session, unless it is of an earlier epoch of its user. */
export function getSession(parts: StoreParts, operation: Operation, handle: string): MaybePromise<Found> {
  return andThen(readSession(parts, operation, handle), found => parts.epochs.judge(operation, handle, found))
}

/** Work after the deed, which fails alone: what it leaves behind is nothing that anybody takes for a session. */
export async function settled(work: MaybePromise<void>): Promise<void> {
  try {
    await work
  }
  catch {
    return
  }
}
