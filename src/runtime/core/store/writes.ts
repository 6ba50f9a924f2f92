import { SessionError } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { CellValue } from './backend'
import { isHandle } from './keys'
import type { Operation } from './deadline'
import { decode, encodeRecord, isAlive, isDead, isSameText } from './record'
import type { RecordTimes } from './record'
import type { Alive, Found, SessionRecord } from './store'
import { getSession, settled } from './records'
import type { StoreParts } from './records'

export type Change = (record: SessionRecord) => MaybePromise<SessionRecord>

const TRIES = 10
const MAX_WAIT = 256

/** Makes and changes records, each by one atomic step, the index before it. */
export class RecordWrites {
  constructor(private readonly parts: StoreParts) {}

  async create(operation: Operation, handle: string, record: SessionRecord): Promise<void> {
    if (!isHandle(handle)) throw new TypeError('A session is kept under the SHA-256 of its id, in hexadecimal.')
    const { cells, index, keys } = this.parts
    const value = this.valueOf(record)
    await index.enter(operation, handle, record)
    if (await cells.swap(operation, keys.session(handle), undefined, value)) return
    const found = await cells.get(operation, keys.session(handle))
    // It may be this very record, by a try that was given up.
    if (isSameText(found, value.text)) return
    if (isDead(decode(found))) throw conflict('a new session was ended while it was made, or its id had been one before')
    throw conflict('the key of a new session is taken. generateId() must return another id at every call')
  }

  async update(operation: Operation, handle: string, change: Change, known?: Alive): Promise<Found> {
    const { cells, index, keys, context } = this.parts
    for (let lost = 0; lost < TRIES; lost++) {
      // The first try may have begun with what the request read before: then there was no race.
      if (lost > 1) await operation.wait(context.env.random() * Math.min(2 ** lost, MAX_WAIT))
      const found = await this.getWritable(operation, handle, lost === 0 ? known : undefined)
      if (!isAlive(found)) return found
      const record = await operation.outside(() => change(found.record))
      const value = this.valueOf(record)
      await index.enter(operation, handle, record, found.record)
      if (!await cells.swap(operation, keys.session(handle), found.version as string, value)) continue
      const previous = found.record.userId
      if (previous !== undefined && previous !== record.userId) await settled(index.leaveUser(operation, handle, previous))
      return { record, version: value.text }
    }
    throw conflict(`an update lost its race against other writes of the same session ${TRIES} times`)
  }

  async touch(operation: Operation, handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
    const { cells, index, keys } = this.parts
    const found = await this.getWritable(operation, handle, known)
    if (!isAlive(found) || found.record.lastSeenAt > times.lastSeenAt) return found
    if (cells.touch === undefined) return this.moveTimes(operation, handle, times, found)
    await index.enter(operation, handle, { ...found.record, ...times }, found.record)
    const touched = decode(await cells.touch(operation, keys.session(handle), times))
    const isLeft = isAlive(touched) && touched.record.lastSeenAt < times.lastSeenAt
    return isLeft ? this.moveTimes(operation, handle, times, touched) : touched
  }

  private moveTimes(operation: Operation, handle: string, times: RecordTimes, known: Alive): Promise<Found> {
    return this.update(operation, handle, record => record.lastSeenAt > times.lastSeenAt ? record : { ...record, ...times }, known)
  }

  /** What has expired is gone. What was read before counts while it is alive: it may have been prolonged, or unbound, since. */
  private async getWritable(operation: Operation, handle: string, known?: Alive): Promise<Found> {
    const judged = known && await this.parts.epochs.judge(operation, handle, known)
    if (isAlive(judged) && !this.isExpired(judged)) return judged
    const found = await getSession(this.parts, operation, handle)
    return isAlive(found) && this.isExpired(found) ? undefined : found
  }

  private valueOf(record: SessionRecord): CellValue {
    const { cells } = this.parts
    const json = encodeRecord(record)
    return { text: cells.encode?.(json) ?? json, until: record.expiresAt }
  }

  private isExpired({ record }: Alive): boolean {
    return record.expiresAt <= this.parts.context.env.now()
  }
}

function conflict(what: string): SessionError {
  return new SessionError('SESSION_CONFLICT', `${what}. Nothing was written.`)
}
