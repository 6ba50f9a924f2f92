import type { MaybePromise } from '../utils/maybe-promise'
import type { BackendValue, EndedEntry, EntryChange, StoreParts, WriteOutcome } from './backend'
import type { Deadline } from './deadline'
import { hasWriteId } from './write-ids'

export interface AtomicWrite extends BackendValue {
  key: string
  /** The id of this write, part of its text. */
  id: string
}

/** Runs {@link StoreBackend.compareAndSet} exactly once. */
export function compareAndSetOnce(parts: StoreParts, deadline: Deadline, write: AtomicWrite, expected: string | undefined, change: EntryChange): Promise<WriteOutcome> {
  return runOnce(parts, deadline, write, () => parts.backend.compareAndSet(deadline, write.key, expected, write, change))
}

/** Runs {@link StoreBackend.putTombstone} exactly once. `before` is unknown if the answer was lost. */
export function putTombstoneOnce(parts: StoreParts, deadline: Deadline, write: AtomicWrite, expected: string | undefined, ended: EndedEntry): Promise<WriteOutcome> {
  return runOnce(parts, deadline, write, () => parts.backend.putTombstone(deadline, write.key, write, expected, ended))
}

/**
 * Some clients, such as ioredis, send a command again if the connection was cut before the answer came; others fail. So
 * what the step finds may be its own work, recognized by the write id. After a failure it is tried once more.
 */
async function runOnce({ backend }: StoreParts, deadline: Deadline, { key, id }: AtomicWrite, step: () => MaybePromise<WriteOutcome>): Promise<WriteOutcome> {
  let outcome: WriteOutcome
  try {
    outcome = await step()
  }
  catch (error) {
    if (deadline.hasPassed) throw error
    const found = await backend.get(deadline, key)
    outcome = hasWriteId(found, id) ? { found } : await step()
  }
  return 'found' in outcome && hasWriteId(outcome.found, id) ? { before: undefined } : outcome
}
