import { TOMBSTONE_MS } from '../model/lifetimes'
import type { TombstoneOutcome } from './backend'
import { isOutdated } from './user-epochs'
import type { Deadline } from './deadline'
import { decode, encodeTombstone, isAlive, isEnded } from './record'
import type { DestroyOptions, Found } from './store'
import { readSession, ignoreFailure } from './records'
import type { StoreParts } from './records'

// A raise writes at most so many tombstones. The epoch alone revokes the other sessions.
const MAX_ENDED = 1000

/** Ends sessions: replaces the record by a tombstone, then updates the index. */
export class Tombstones {
  constructor(private readonly parts: StoreParts) {}

  async destroy(deadline: Deadline, handle: string, options: DestroyOptions): Promise<'destroyed' | 'dead' | 'changed'> {
    const { known } = options
    if (known && isEnded(await this.parts.epochs.rejectOutdated(deadline, handle, known))) return 'dead'
    const outcome = await this.putTombstone(deadline, handle, options)
    if (typeof outcome === 'string') return outcome
    return known === undefined && await this.wasRevoked(deadline, handle, decode(outcome.before)) ? 'dead' : 'destroyed'
  }

  /** Whether an epoch had revoked the session before. Failing is harmless: the session has ended by now. */
  private async wasRevoked(deadline: Deadline, handle: string, before: Found): Promise<boolean> {
    try {
      return isEnded(await this.parts.epochs.rejectOutdated(deadline, handle, before))
    }
    catch {
      return false
    }
  }

  /** Replaces revoked records of the user by tombstones, which saves memory and keeps the count exact. */
  async endOutdated(deadline: Deadline, userId: string): Promise<void> {
    const { index, epochs, context } = this.parts
    const { handles } = await index.page(deadline, userId, undefined, MAX_ENDED)
    const epoch = await epochs.get(deadline, userId)
    const until = context.env.now() + TOMBSTONE_MS
    await Promise.all(handles.map(async (handle) => {
      const known = await readSession(this.parts, deadline, handle)
      if (!isAlive(known) || known.record.userId !== userId || !isOutdated(known.record, handle, epoch)) return
      await this.putTombstone(deadline, handle, { reason: 'revoked', until, known })
    }))
  }

  private async putTombstone(deadline: Deadline, handle: string, { reason, until, known }: DestroyOptions): Promise<TombstoneOutcome> {
    const { backend, index, keys } = this.parts
    const tombstone = { text: encodeTombstone(reason, until), until }
    const outcome = await backend.putTombstone(deadline, keys.session(handle), tombstone, known?.version as string | undefined)
    if (typeof outcome === 'string') return outcome
    const before = decode(outcome.before)
    await ignoreFailure(index.remove(deadline, handle, isAlive(before) ? before.record.userId : undefined))
    return outcome
  }
}
