import { SessionError } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { BackendValue } from './backend'
import { isHandle } from './keys'
import type { Deadline } from './deadline'
import { decode, encodeRecord, isAlive, isEnded, isSameText } from './record'
import type { RecordTimes } from './record'
import type { Alive, Found, SessionRecord } from './store'
import { getSession, ignoreFailure } from './records'
import type { StoreParts } from './records'

export type Change = (record: SessionRecord) => MaybePromise<SessionRecord>

const TRIES = 10
const MAX_WAIT = 256

/** Creates and changes records. Each write is one atomic step, after the index is updated. */
export class RecordWrites {
  constructor(private readonly parts: StoreParts) {}

  async create(deadline: Deadline, handle: string, record: SessionRecord): Promise<void> {
    if (!isHandle(handle)) throw new TypeError('The key of a session must be the SHA-256 of its id, in hexadecimal.')
    const { backend, index, keys } = this.parts
    const value = this.valueOf(record)
    await index.add(deadline, handle, record)
    if (await backend.compareAndSet(deadline, keys.session(handle), undefined, value)) return
    const found = await backend.get(deadline, keys.session(handle))
    // An earlier try that timed out may have written this record.
    if (isSameText(found, value.text)) return
    if (isEnded(decode(found))) throw conflict('a new session was ended while it was created, or its id had been used before')
    throw conflict('the key of a new session is taken. generateId() must return a new id at every call')
  }

  async update(deadline: Deadline, handle: string, change: Change, known?: Alive): Promise<Found> {
    const { backend, index, keys, context } = this.parts
    for (let lost = 0; lost < TRIES; lost++) {
      // The first retry does not wait: the first try may have failed only because `known` was outdated.
      if (lost > 1) await deadline.wait(context.env.random() * Math.min(2 ** lost, MAX_WAIT))
      const found = await this.getWritable(deadline, handle, lost === 0 ? known : undefined)
      if (!isAlive(found)) return found
      const record = await deadline.pauseDuring(() => change(found.record))
      const value = this.valueOf(record)
      await index.add(deadline, handle, record, found.record)
      if (!await backend.compareAndSet(deadline, keys.session(handle), found.version as string, value)) continue
      const previous = found.record.userId
      if (previous !== undefined && previous !== record.userId) await ignoreFailure(index.removeFromUser(deadline, handle, previous))
      return { record, version: value.text }
    }
    throw conflict(`an update failed ${TRIES} times because of concurrent writes of the same session`)
  }

  async touch(deadline: Deadline, handle: string, times: RecordTimes, known?: Alive): Promise<Found> {
    const { backend, index, keys } = this.parts
    const found = await this.getWritable(deadline, handle, known)
    if (!isAlive(found) || found.record.lastSeenAt > times.lastSeenAt) return found
    if (backend.touch === undefined) return this.moveTimes(deadline, handle, times, found)
    await index.add(deadline, handle, { ...found.record, ...times }, found.record)
    const touched = decode(await backend.touch(deadline, keys.session(handle), times))
    const isUnchanged = isAlive(touched) && touched.record.lastSeenAt < times.lastSeenAt
    return isUnchanged ? this.moveTimes(deadline, handle, times, touched) : touched
  }

  private moveTimes(deadline: Deadline, handle: string, times: RecordTimes, known: Alive): Promise<Found> {
    return this.update(deadline, handle, record => record.lastSeenAt > times.lastSeenAt ? record : { ...record, ...times }, known)
  }

  /** Returns `undefined` for an expired record. Reads again if `known` is no longer valid: it may have been renewed since. */
  private async getWritable(deadline: Deadline, handle: string, known?: Alive): Promise<Found> {
    const checked = known && await this.parts.epochs.rejectOutdated(deadline, handle, known)
    if (isAlive(checked) && !this.isExpired(checked)) return checked
    const found = await getSession(this.parts, deadline, handle)
    return isAlive(found) && this.isExpired(found) ? undefined : found
  }

  private valueOf(record: SessionRecord): BackendValue {
    const { backend } = this.parts
    const json = encodeRecord(record)
    return { text: backend.encode?.(json) ?? json, until: record.expiresAt }
  }

  private isExpired({ record }: Alive): boolean {
    return record.expiresAt <= this.parts.context.env.now()
  }
}

function conflict(what: string): SessionError {
  return new SessionError('SESSION_CONFLICT', `${what}. Nothing was written.`)
}
