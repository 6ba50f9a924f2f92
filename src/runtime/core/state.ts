import type { Carrier } from './carrier'
import { assignExactly } from './data'
import type { Session, SessionDataShape, SessionOrigin } from './types'

/** The state of one session in one request; `record` is what lies at `event.context.sessions[name]`. */
export class SessionState {
  record: Session<SessionDataShape> = { id: '', createdAt: 0, data: {} }
  origin: SessionOrigin = 'none'
  /** Whether the session began in this request. */
  isNew = false
  /** Whether the client has the session, or gets it with this response. */
  isCommitted = false
  /** Between `clear()` and the next write. */
  isCleared = false
  /** Changed inside a hook; what runs the hook commits it. */
  isDirty = false
  /** Refused in a way after which only an explicit write may send a cookie. */
  isSilent = false
  /** Which password opened the session's seal; 0 seals. */
  passwordIndex = 0
  /** Sealed with one iteration where more are configured. */
  isLegacy = false
  /** Settles when the request's session is known and its hooks have run. */
  loading: Promise<void> | undefined
  /** Sessions of the same request whose writes this one's hooks wait for. */
  readonly waitsFor: SessionState[] = []
  /** The last write in the queue. */
  lastWrite: Promise<unknown> = Promise.resolve()

  constructor(readonly name: string) {}

  /** Makes `record` the session, for us and for h3's own functions in the same request. */
  share(carrier: Carrier, record: Session<SessionDataShape>): void {
    this.record = record
    carrier.sessions[this.name] = record
  }

  /** Starts a session that nobody has yet. */
  begin(carrier: Carrier, id: string, createdAt: number): void {
    this.isNew = true
    this.isCommitted = false
    this.isCleared = false
    this.share(carrier, { id, createdAt, data: {} })
  }

  /** Keeps everything that a failed write must bring back. */
  snapshot(carrier: Carrier): () => void {
    const { record, isNew, isCommitted, isCleared, isDirty, isSilent } = this
    const fields = { ...record }
    const data = { ...record.data }
    return () => {
      Object.assign(this, { isNew, isCommitted, isCleared, isDirty, isSilent })
      assignExactly(record, fields)
      assignExactly(record.data, data)
      this.share(carrier, record)
    }
  }
}
