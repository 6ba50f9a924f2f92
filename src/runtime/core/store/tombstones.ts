import { TOMBSTONE_MS } from '../model/lifetimes'
import type { Burial } from './backend'
import { isOutdated } from './user-epochs'
import type { Operation } from './deadline'
import { decode, encodeTombstone, isAlive, isDead } from './record'
import type { DestroyOptions, Found } from './store'
import { readSession, settled } from './records'
import type { StoreParts } from './records'

// What raising an epoch buries at once. Of more than these the epoch alone tells that they are dead.
const MAX_BURIED = 1000

/** Ends sessions: a tombstone in the record's place, the index after it. */
export class Burials {
  constructor(private readonly parts: StoreParts) {}

  async destroy(operation: Operation, handle: string, options: DestroyOptions): Promise<'destroyed' | 'dead' | 'changed'> {
    const { known } = options
    if (known && isDead(await this.parts.epochs.judge(operation, handle, known))) return 'dead'
    const burial = await this.bury(operation, handle, options)
    if (typeof burial === 'string') return burial
    return known === undefined && await this.wasDead(operation, handle, decode(burial.before)) ? 'dead' : 'destroyed'
  }

  /** Of an earlier epoch. By now it is dead in any case. */
  private async wasDead(operation: Operation, handle: string, before: Found): Promise<boolean> {
    try {
      return isDead(await this.parts.epochs.judge(operation, handle, before))
    }
    catch {
      return false
    }
  }

  /** Sessions of a user's earlier epochs are dead; burying them spares memory and keeps the count right. */
  async buryOutdated(operation: Operation, userId: string): Promise<void> {
    const { index, epochs, context } = this.parts
    const { handles } = await index.page(operation, userId, undefined, MAX_BURIED)
    const epoch = await epochs.of(operation, userId)
    const until = context.env.now() + TOMBSTONE_MS
    await Promise.all(handles.map(async (handle) => {
      const known = await readSession(this.parts, operation, handle)
      if (!isAlive(known) || known.record.userId !== userId || !isOutdated(known.record, handle, epoch)) return
      await this.bury(operation, handle, { reason: 'revoked', until, known })
    }))
  }

  private async bury(operation: Operation, handle: string, { reason, until, known }: DestroyOptions): Promise<Burial> {
    const { cells, index, keys } = this.parts
    const tombstone = { text: encodeTombstone(reason, until), until }
    const burial = await cells.bury(operation, keys.session(handle), tombstone, known?.version as string | undefined)
    if (typeof burial === 'string') return burial
    const before = decode(burial.before)
    await settled(index.leave(operation, handle, isAlive(before) ? before.record.userId : undefined))
    return burial
  }
}
