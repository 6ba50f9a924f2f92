import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreParts } from './backend'
import { withDeadline } from './deadline'
import type { Deadline } from './deadline'
import { KeyQueue } from './key-queue'
import { isHandle } from './keys'
import { countUser, listSessions } from './listing'
import type { RecordTimes } from './record'
import type { Alive, DestroyOptions, Found, ListFilter, ListPage, SessionRecord, SessionStore } from './store'
import { getEpoch, getSession, raiseEpoch } from './user-epochs'
import { createRecord, endOutdated, endRecord, touchRecord, updateRecord } from './writes'
import type { Change } from './writes'

/** The session store over any backend. */
export class RecordStore implements SessionStore {
  // Only writes of other processes conflict; those of this process wait for each other.
  private readonly queue = new KeyQueue()

  constructor(private readonly parts: StoreParts) {}

  get atomicity() { return this.parts.backend.atomicity }

  create(handle: string, record: SessionRecord): Promise<void> {
    return this.write(deadline => createRecord(this.parts, deadline, handle, record))
  }

  get(handle: string): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.read(deadline => getSession(this.parts, deadline, handle))
  }

  update(handle: string, change: Change, known?: Alive): Promise<Found> {
    return this.enqueue(handle, deadline => updateRecord(this.parts, deadline, handle, change, known))
  }

  touch(handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
    return this.enqueue(handle, deadline => touchRecord(this.parts, deadline, handle, times, known))
  }

  destroy(handle: string, options: DestroyOptions): Promise<'destroyed' | 'dead' | 'changed'> {
    if (!isHandle(handle)) return Promise.resolve('dead')
    return this.write(deadline => endRecord(this.parts, deadline, handle, options))
  }

  epoch(userId: string): Promise<number> {
    return this.read(deadline => andThen(getEpoch(this.parts, deadline, userId), epoch => epoch.number))
  }

  async raiseEpoch(userId: string, exceptIfAlive = ''): Promise<number> {
    const handle = isHandle(exceptIfAlive) ? exceptIfAlive : undefined
    const { number, except } = await this.write(deadline => raiseEpoch(this.parts, deadline, userId, handle))
    // The epoch alone revokes the sessions, so the rest may fail.
    await this.read(deadline => endOutdated(this.parts, deadline, userId)).catch(() => undefined)
    if (except !== undefined) await this.setEpoch(except, userId, number).catch(() => undefined)
    return number
  }

  list(filter: ListFilter): Promise<ListPage> {
    return this.read(deadline => listSessions(this.parts, deadline, filter))
  }

  count({ userId }: Pick<ListFilter, 'userId'>): Promise<number> {
    return this.read(deadline =>
      userId === undefined ? this.parts.backend.count(deadline) : countUser(this.parts, deadline, userId))
  }

  sweep(limit: number): Promise<void> {
    return this.read(deadline => this.parts.backend.sweep(deadline, limit))
  }

  /** Writes the new epoch into the excepted session, so that it also stays alive under another handle. */
  private setEpoch(handle: string, userId: string, epoch: number): Promise<Found> {
    return this.update(handle, record => record.userId === userId ? { ...record, epoch: Math.max(record.epoch ?? 0, epoch) } : record)
  }

  private read<T>(body: (deadline: Deadline) => MaybePromise<T>): Promise<T> {
    return withDeadline(this.parts.context, body)
  }

  private write<T>(body: (deadline: Deadline) => MaybePromise<T>): Promise<T> {
    return withDeadline(this.parts.context, body, true)
  }

  private enqueue(handle: string, body: (deadline: Deadline) => Promise<Found>): Promise<Found> {
    if (!isHandle(handle)) return Promise.resolve(undefined)
    return this.write(deadline => deadline.within(() => this.queue.run(handle, () => body(deadline))))
  }
}
