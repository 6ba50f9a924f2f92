import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { Burials } from './tombstones'
import type { Cells } from './backend'
import { Epochs } from './user-epochs'
import { KeyQueue } from './key-queue'
import { isHandle } from './keys'
import { countUser, listSessions } from './listing'
import type { ListReaders } from './listing'
import { operate } from './deadline'
import type { Operation } from './deadline'
import type { RecordTimes } from './record'
import { RecordWrites } from './writes'
import type { Change } from './writes'
import type { Alive, DestroyOptions, Found, ListFilter, ListPage, SessionRecord, SessionStore } from './store'
import { getSession, readSession, settled } from './records'
import type { StoreParts } from './records'

/** What a session store means, over single values and an index: the same for every driver. */
export class CellStore implements SessionStore {
  readonly atomicity: Cells['atomicity']
  private readonly parts: StoreParts
  private readonly writes: RecordWrites
  private readonly burials: Burials
  // Requests of one process need not race each other: only other processes' writes cost a try.
  private readonly queue = new KeyQueue()

  constructor(parts: Omit<StoreParts, 'epochs'>) {
    this.atomicity = parts.cells.atomicity
    this.parts = { ...parts, epochs: new Epochs(parts.cells, parts.keys, parts.context.env) }
    this.writes = new RecordWrites(this.parts)
    this.burials = new Burials(this.parts)
  }

  create(handle: string, record: SessionRecord): Promise<void> {
    return this.write(operation => this.writes.create(operation, handle, record))
  }

  get(handle: string): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.operate(operation => getSession(this.parts, operation, handle))
  }

  update(handle: string, change: Change, known?: Alive): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.inTurn(handle, operation => this.writes.update(operation, handle, change, known))
  }

  touch(handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.inTurn(handle, operation => this.writes.touch(operation, handle, times, known))
  }

  destroy(handle: string, options: DestroyOptions): Promise<'destroyed' | 'dead' | 'changed'> {
    if (!isHandle(handle)) return Promise.resolve('dead')
    return this.write(operation => this.burials.destroy(operation, handle, options))
  }

  epoch(userId: string): Promise<number> {
    return this.operate(operation => andThen(this.parts.epochs.of(operation, userId), epoch => epoch.number))
  }

  async raiseEpoch(userId: string, exceptIfAlive?: string): Promise<number> {
    if (exceptIfAlive !== undefined && !isHandle(exceptIfAlive)) return this.raiseEpoch(userId)
    const { number, except } = await this.write(operation => this.parts.epochs.raise(operation, userId, exceptIfAlive))
    await settled(this.operate(operation => this.burials.buryOutdated(operation, userId)))
    if (except !== undefined) await settled(this.keepAlive(except, userId, number))
    return number
  }

  list(filter: ListFilter): Promise<ListPage> {
    return this.operate(operation => listSessions(filter, this.readers(operation)))
  }

  count({ userId }: Pick<ListFilter, 'userId'>): Promise<number> {
    return this.operate(operation =>
      userId === undefined ? this.parts.index.count(operation) : countUser(userId, this.readers(operation)))
  }

  sweep(limit: number): Promise<void> {
    return this.operate(operation => this.parts.index.sweep(operation, limit))
  }

  /** Under another handle, too, the session that outlived a raise is one of the new epoch. */
  private async keepAlive(handle: string, userId: string, epoch: number): Promise<void> {
    await this.update(handle, record => record.userId === userId ? { ...record, epoch: Math.max(record.epoch ?? 0, epoch) } : record)
  }

  private operate<T>(body: (operation: Operation) => MaybePromise<T>): Promise<T> {
    return operate(this.parts.context, body)
  }

  private write<T>(body: (operation: Operation) => MaybePromise<T>): Promise<T> {
    return operate(this.parts.context, body, true)
  }

  private inTurn<T>(handle: string, body: (operation: Operation) => Promise<T>): Promise<T> {
    return this.write(operation => operation.within(() => this.queue.run(handle, () => body(operation))))
  }

  private readers(operation: Operation): ListReaders {
    const { index, epochs, context } = this.parts
    return {
      now: context.env.now(),
      page: async (userId, cursor, limit) => index.page(operation, userId, cursor, limit),
      read: async handle => readSession(this.parts, operation, handle),
      epoch: async userId => epochs.of(operation, userId),
    }
  }
}
