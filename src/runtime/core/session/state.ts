import { assignExactly } from '../model/data'
import type { RequestProof } from '../device/proof'
import type { Alive, Ended, ListPage } from '../store/store'
import type { SessionError } from '../model/errors'
import type { Session, SessionDataShape, SessionTransport } from '../model/types'
import type { HookWait } from './hook-scope'

export interface StoredState {
  id: string
  key: string
  /** The last known record; unset after a write with an unknown outcome. */
  known: Alive | undefined
}

/** A cookie session that migrates: the key of its id, and the end of its seal in milliseconds since 1970. */
export interface MigratingState {
  key: string
  until: number
}

type EndedSession = ListPage['entries'][number]

interface H3Sessions { readonly sessions: Record<string, Session<SessionDataShape> | undefined> }

const NOTHING: Session<SessionDataShape> = { id: '', createdAt: 0, data: {} }
const NO_WAITS: readonly HookWait[] = []

/**
 * The state of one session in one request. `declare` replaces private names and field initializers: Nitro compiles them
 * for ES2019 into WeakMap look-ups and calls of `Object.defineProperty` in each request.
 */
export class SessionState {
  declare readonly name: string
  /** Unset for cookie sessions. */
  declare readonly storage: string | undefined
  /** Whether h3's own functions use this session too: `record` is then `event.context.sessions[name]`. */
  declare readonly isBridged: boolean
  /** Whether this is the empty session of a request without a token inside a cached handler. */
  declare readonly isAnonymous: boolean
  declare record: Session<SessionDataShape>
  declare transport: SessionTransport
  declare isNew: boolean
  /** Whether the client has the session, or gets it with this response. */
  declare isCommitted: boolean
  /** Between `clear()` and the next write. */
  declare isCleared: boolean
  /** Changed inside a hook, and not yet committed. */
  declare isDirty: boolean
  /** The tombstone of the client's id. The browser may already have a newer session, so a read sends no cookie. */
  declare tombstone: Ended | undefined
  /**
   * Set if the client's token may be valid: it was not checked because of overload, or its key was not proven. A read must
   * not overwrite it. If this is an error, no write but a login may.
   */
  declare unchecked: boolean | SessionError
  /** Index of the password that opened the seal. 0 is the one that seals. */
  declare passwordIndex: number
  declare isFallback: boolean
  /** When the seal was made, if it is of a stored session and contains the time. */
  declare sealedAt: number | undefined
  /** Settles when the session is loaded and its hooks have ended. */
  declare loading: Promise<void> | undefined
  /** The sessions of the same request whose load or write this session's hooks wait for. */
  declare waitsFor: readonly HookWait[]
  /** The last write in the queue, until it settles. */
  declare lastWrite: Promise<unknown> | undefined
  declare stored: StoredState | undefined
  declare migrating: MigratingState | undefined
  /** The proof of a bound session's key. */
  declare proof: RequestProof | undefined

  // Few requests set these. The constructor does not, because each would take memory in all of them.

  /** On a socket, the record of the previous state, which is not h3's. */
  declare readonly earlier?: Session<SessionDataShape>
  /** Writes of a `session:load` hook, to repeat after a conflict. */
  declare hookWrites?: (() => void)[]
  /** What this response offers the browser for a login with `deviceBound`, in a header. */
  declare registration?: string
  /** Set if the load failed because the store was unavailable. Until then, the next calls throw the same error. */
  declare failure?: { error: SessionError, until: number }
  /** The user's sessions that the last write ended, until their hooks are called. */
  declare ended?: EndedSession[]
  /** Whether the user logged in in this request. Another new id then replaces what the response offers. */
  declare isLogin?: boolean
  /** Checks a renewal before the headers are sent, and reverts it if the session has ended. */
  declare confirm?: () => Promise<void>
  /** Set in development: warns about data that was changed in place and not written. */
  declare reportUnsaved?: () => void
  declare sentHeader?: string
  /** The frozen copy of the data for the app, if any. */
  declare shown?: { of: SessionDataShape, copy: SessionDataShape }

  /** `anonymousSince` creates an anonymous session: its creation time in milliseconds since 1970. */
  constructor(name: string, storage: string | undefined, earlier?: Session<SessionDataShape>, anonymousSince?: number) {
    const isAnonymous = anonymousSince !== undefined
    this.name = name
    this.storage = storage
    this.isBridged = storage === undefined && !isAnonymous
    this.isAnonymous = isAnonymous
    if (earlier !== undefined) this.earlier = earlier
    this.record = isAnonymous ? { id: '', createdAt: anonymousSince, data: {} } : NOTHING
    this.transport = 'none'
    this.isNew = isAnonymous
    this.isCommitted = false
    this.isCleared = isAnonymous
    this.isDirty = false
    this.tombstone = undefined
    this.unchecked = false
    this.passwordIndex = 0
    this.isFallback = false
    this.sealedAt = undefined
    this.loading = undefined
    this.waitsFor = NO_WAITS
    this.lastWrite = undefined
    this.stored = undefined
    this.migrating = undefined
    this.proof = undefined
  }

  /** Whether a rotated password or the fallback to one iteration opened the seal. A read then reseals the session. */
  get isSealOutdated(): boolean {
    return this.passwordIndex > 0 || this.isFallback
  }

  /** Replaces the record, also for h3's own functions. */
  setRecord(transport: H3Sessions, record: Session<SessionDataShape>): void {
    this.record = record
    if (this.isBridged) transport.sessions[this.name] = record
  }

  /** The client has a token of the first password, or gets it with this response. */
  markSent(): void {
    this.isCommitted = true
    this.passwordIndex = 0
    this.isFallback = false
    this.tombstone = undefined
    if (this.confirm) this.confirm = undefined
  }

  /** Changes the data in place if h3 uses it too, as h3 does. */
  setData(data: SessionDataShape): void {
    if (this.isBridged) assignExactly(this.record.data, data)
    else this.record.data = data
  }

  /** @returns a function that restores the state after a failed write */
  snapshot(transport: H3Sessions): () => void {
    const { record, isNew, isCommitted, isCleared, isDirty, tombstone, stored, migrating } = this
    const fields = { ...record }
    const data = { ...record.data }
    return () => {
      Object.assign(this, { isNew, isCommitted, isCleared, isDirty, tombstone, stored, migrating })
      assignExactly(record, fields)
      this.setRecord(transport, record)
      this.setData(data)
    }
  }
}

/** Confirms the renewals of a request's sessions, and reports unsaved data, before the headers are sent. `undefined` if there are none. */
export function confirmRenewals(states: Record<string, SessionState | undefined> | undefined): Promise<void> | undefined {
  let confirmations: Promise<void>[] | undefined
  for (const name in states) {
    const { confirm, reportUnsaved } = states[name] ?? {}
    reportUnsaved?.()
    if (confirm) (confirmations ??= []).push(confirm())
  }
  return confirmations && Promise.all(confirmations).then(() => undefined)
}

/** Without a prototype, like h3's `event.context.sessions`. V8 stores `Object.create(null)` as a slower hash table. */
export const ByName = (() => {
  function ByName() {}
  ByName.prototype = Object.create(null)
  return ByName as unknown as new <T>() => Record<string, T>
})()
