import { assignExactly } from '../model/data'
import type { DeathReason, SessionStore } from '../store/store'
import type { MigratingState, StoredState } from './persistence/stored-state'
import type { Session, SessionDataShape, SessionOrigin } from '../model/types'

/** What h3's own functions find the sessions of a request by. */
interface H3Sessions { readonly sessions: Record<string, Session<SessionDataShape> | undefined> }

const NOTHING: Session<SessionDataShape> = { id: '', createdAt: 0, data: {} }
const NOBODY: readonly SessionState[] = []

/**
 * The state of one session in one request; `record` is what lies at `event.context.sessions[name]`.
 *
 * Made once a request: Nitro compiles for ES2019, where private names and field initializers would be look-ups in
 * a WeakMap and calls of `Object.defineProperty`.
 */
export class SessionState {
  declare readonly name: string
  /** Where the session is kept; unset: in its cookie. */
  declare readonly store: SessionStore | undefined
  /** Whether h3's own functions find the session too. */
  declare readonly isBridged: boolean
  /** What the state before this one made of the same token, on a socket: h3's own functions did not. */
  declare readonly earlier: Session<SessionDataShape> | undefined
  /** Whether it is the empty session that a request without one has inside a cached handler. */
  declare readonly isAnonymous: boolean
  declare record: Session<SessionDataShape>
  declare origin: SessionOrigin
  /** Whether the session began in this request. */
  declare isNew: boolean
  /** Whether the client has the session, or gets it with this response. */
  declare isCommitted: boolean
  /** Between `clear()` and the next write. */
  declare isCleared: boolean
  /** Changed inside a hook; what runs the hook commits it. */
  declare isDirty: boolean
  /** What a `session:load` hook did, to be done again on what another request wrote meanwhile. */
  declare hookWrites: (() => void)[] | undefined
  /** Why the id of the client's token is dead, if it is. A newer session may be in the browser by now. */
  declare tombstone: DeathReason | undefined
  /** The client's token was not checked, as too many came at once: it may be a session, which no read may overwrite. */
  declare isUnchecked: boolean
  /** Which password opened the session's seal; 0 seals. */
  declare passwordIndex: number
  /** Sealed with one iteration where more are configured. */
  declare isFallback: boolean
  /** When the seal of a stored session was made, if it says so. */
  declare sealedAt: number | undefined
  /** Settles when the request's session is known and its hooks have run. */
  declare loading: Promise<void> | undefined
  /** Sessions of the same request whose writes this one's hooks wait for. */
  declare waitsFor: readonly SessionState[]
  /** The last write in the queue, while it lasts. */
  declare lastWrite: Promise<unknown> | undefined
  /** Where the session lies, once it lies in a store. */
  declare stored: StoredState | undefined
  /** A whole session that came in a cookie and is to move into the store. */
  declare migrating: MigratingState | undefined
  /** Looks once more whether what a renewal sent is still right; asked before the headers go out. */
  declare confirm: (() => Promise<void>) | undefined
  /** What the response's session header says. */
  declare sentHeader: string | undefined
  /** The data as the app was shown it, where it is shown a copy. */
  declare shown: { of: SessionDataShape, copy: SessionDataShape } | undefined

  /** `anonymousSince` makes it an anonymous session of that time, in milliseconds since 1970. */
  constructor(name: string, store: SessionStore | undefined, earlier?: Session<SessionDataShape>, anonymousSince?: number) {
    const isAnonymous = anonymousSince !== undefined
    this.name = name
    this.store = store
    this.isBridged = store === undefined && !isAnonymous
    this.isAnonymous = isAnonymous
    this.earlier = earlier
    this.record = isAnonymous ? { id: '', createdAt: anonymousSince, data: {} } : NOTHING
    this.origin = 'none'
    this.isNew = isAnonymous
    this.isCommitted = false
    this.isCleared = isAnonymous
    this.isDirty = false
    this.hookWrites = undefined
    this.tombstone = undefined
    this.isUnchecked = false
    this.passwordIndex = 0
    this.isFallback = false
    this.sealedAt = undefined
    this.loading = undefined
    this.waitsFor = NOBODY
    this.lastWrite = undefined
    this.stored = undefined
    this.migrating = undefined
    this.confirm = undefined
    this.sentHeader = undefined
    this.shown = undefined
  }

  /** Whether the client's seal is of an older password, or of fewer iterations than are configured. */
  get isSealOutdated(): boolean {
    return this.passwordIndex > 0 || this.isFallback
  }

  /** Whether nothing is sent but what the app writes: no cookie by a read, none that removes the session. */
  get hasTombstone(): boolean {
    return this.tombstone !== undefined
  }

  /** Makes `record` the session, for us and, unless it is stored, for h3's own functions in the same request. */
  setRecord(transport: H3Sessions, record: Session<SessionDataShape>): void {
    this.record = record
    if (this.isBridged) transport.sessions[this.name] = record
  }

  /** The client has, or gets with this response, a token of the first password. */
  markSent(): void {
    this.isCommitted = true
    this.passwordIndex = 0
    this.isFallback = false
    this.tombstone = undefined
    this.confirm = undefined
  }

  /** Who has a reference to the data of a shared session sees the change, as in h3. */
  setData(data: SessionDataShape): void {
    if (this.isBridged) assignExactly(this.record.data, data)
    else this.record.data = data
  }

  /** Starts a session that nobody has yet. */
  startNew(transport: H3Sessions, id: string, createdAt: number): void {
    this.isNew = true
    this.isCommitted = false
    this.isCleared = false
    this.setRecord(transport, { id, createdAt, data: {} })
  }

  /** Keeps everything that a failed write must bring back. */
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

/** Confirms what the sessions of a request have renewed, before its headers go out. On most requests there is nothing. */
export function confirmRenewals(states: Record<string, SessionState | undefined> | undefined): Promise<unknown> | undefined {
  let confirmations: Promise<void>[] | undefined
  for (const name in states) {
    const confirm = states[name]?.confirm
    if (confirm) (confirmations ??= []).push(confirm())
  }
  return confirmations && Promise.all(confirmations)
}
