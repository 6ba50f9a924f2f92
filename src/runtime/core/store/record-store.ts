import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { Tombstones } from './tombstones'
import type { StoreBackend } from './backend'
import { UserEpochs } from './user-epochs'
import { isHandle } from './keys'
import { countUser, listSessions } from './listing'
import type { ListReaders } from './listing'
import { withDeadline } from './deadline'
import type { Deadline } from './deadline'
import type { RecordTimes } from './record'
import { RecordWrites } from './writes'
import type { Change } from './writes'
import type { Alive, DestroyOptions, Found, ListFilter, ListPage, SessionRecord, SessionStore } from './store'
import { getSession, readSession, ignoreFailure } from './records'
import type { StoreParts } from './records'

/** The session store over any backend and its index. */
export class RecordStore implements SessionStore {
  readonly atomicity: StoreBackend['atomicity']
  private readonly parts: StoreParts
  private readonly writes: RecordWrites
  private readonly tombstones: Tombstones
  // Only writes of other processes conflict; those of this process wait for each other.
  private readonly queue = new KeyQueue()

  constructor(parts: Omit<StoreParts, 'epochs'>) {
    this.atomicity = parts.backend.atomicity
    this.parts = { ...parts, epochs: new UserEpochs(parts.backend, parts.keys, parts.context.env) }
    this.writes = new RecordWrites(this.parts)
    this.tombstones = new Tombstones(this.parts)
  }

  create(handle: string, record: SessionRecord): Promise<void> {
    return this.write(deadline => this.writes.create(deadline, handle, record))
  }

  get(handle: string): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.withDeadline(deadline => getSession(this.parts, deadline, handle))
  }

  update(handle: string, change: Change, known?: Alive): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.enqueue(handle, deadline => this.writes.update(deadline, handle, change, known))
  }

  touch(handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.enqueue(handle, deadline => this.writes.touch(deadline, handle, times, known))
  }

  destroy(handle: string, options: DestroyOptions): Promise<'destroyed' | 'dead' | 'changed'> {
    if (!isHandle(handle)) return Promise.resolve('dead')
    return this.write(deadline => this.tombstones.destroy(deadline, handle, options))
  }

  epoch(userId: string): Promise<number> {
    return this.withDeadline(deadline => andThen(this.parts.epochs.get(deadline, userId), epoch => epoch.number))
  }

  async raiseEpoch(userId: string, exceptIfAlive?: string): Promise<number> {
    if (exceptIfAlive !== undefined && !isHandle(exceptIfAlive)) return this.raiseEpoch(userId)
    const { number, except } = await this.write(deadline => this.parts.epochs.raise(deadline, userId, exceptIfAlive))
    await ignoreFailure(this.withDeadline(deadline => this.tombstones.endOutdated(deadline, userId)))
    if (except !== undefined) await ignoreFailure(this.setEpoch(except, userId, number))
    return number
  }

  list(filter: ListFilter): Promise<ListPage> {
    return this.withDeadline(deadline => listSessions(filter, this.readers(deadline)))
  }

  count({ userId }: Pick<ListFilter, 'userId'>): Promise<number> {
    return this.withDeadline(deadline =>
      userId === undefined ? this.parts.index.count(deadline) : countUser(userId, this.readers(deadline)))
  }

  sweep(limit: number): Promise<void> {
    return this.withDeadline(deadline => this.parts.index.sweep(deadline, limit))
  }

  /** Writes the new epoch into the excepted session, so that it also stays alive under another handle. */
  private async setEpoch(handle: string, userId: string, epoch: number): Promise<void> {
    await this.update(handle, record => record.userId === userId ? { ...record, epoch: Math.max(record.epoch ?? 0, epoch) } : record)
  }

  private withDeadline<T>(body: (deadline: Deadline) => MaybePromise<T>): Promise<T> {
    return withDeadline(this.parts.context, body)
  }

  private write<T>(body: (deadline: Deadline) => MaybePromise<T>): Promise<T> {
    return withDeadline(this.parts.context, body, true)
  }

  private enqueue<T>(handle: string, body: (deadline: Deadline) => Promise<T>): Promise<T> {
    return this.write(deadline => deadline.within(() => this.queue.run(handle, () => body(deadline))))
  }

  private readers(deadline: Deadline): ListReaders {
    const { index, epochs, context } = this.parts
    return {
      now: context.env.now(),
      page: async (userId, cursor, limit) => index.page(deadline, userId, cursor, limit),
      read: async handle => readSession(this.parts, deadline, handle),
      epoch: async userId => epochs.get(deadline, userId),
    }
  }
}

/** Runs the tasks of each key one after the other. */
export class KeyQueue {
  private readonly tails = new Map<string, Promise<void>>()

  /** Number of keys with tasks. */
  get size() { return this.tails.size }

  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const result = this.tails.get(key)?.then(task) ?? task()
    const tail = result.then(() => undefined, () => undefined)
    this.tails.set(key, tail)
    void tail.then(() => {
      if (this.tails.get(key) === tail) this.tails.delete(key)
    })
    return result
  }
}
