import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { VerdictReport } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import type { Revocation } from './protocol'

/** Rejects of one session. */
const MAX_UNEXPLAINED = 20

type Place = Pick<RecordedSession, 'storage' | 'handle'>

/**
 * The calls that revoked stored sessions. A revoked session does not come back, but parallel requests report in any order:
 * the request that has created or read it, or that was rejected, before or after the call.
 */
export class RevokedSessions {
  readonly #revocations = new BoundedCache<string, Revocation>({ maxEntries: 1000 })
  /** By the session's key: rejects whose call is not known yet. */
  readonly #unexplained = new BoundedCache<string, VerdictReport[]>({ maxEntries: 100 })

  add(place: Place, revocation: Revocation): void {
    this.#revocations.set(idOf(place), revocation)
  }

  /** The end of a session, if its revocation was reported before. */
  endOf(place: Place): Pick<RecordedSession, 'ended' | 'revoked'> | undefined {
    const revoked = this.#revocations.get(idOf(place))
    return revoked && { ended: 'revoked', revoked }
  }

  addUnexplained(key: string, verdict: VerdictReport): void {
    this.#unexplained.set(key, [...this.#unexplained.get(key) ?? [], verdict].slice(-MAX_UNEXPLAINED))
  }

  /** The rejects of a session that can be explained from now on. */
  takeUnexplained(key: string): VerdictReport[] {
    const verdicts = this.#unexplained.get(key) ?? []
    this.#unexplained.delete(key)
    return verdicts
  }
}

/** A call may revoke a session under another name than its own. */
function idOf({ storage, handle }: Place): string {
  return `${storage} ${handle}`
}
