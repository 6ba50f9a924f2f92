import { BoundedCache } from '../utils/bounded-cache'

/** A browser signs a challenge once, and sends that token again if it lost the answer with its connection. */
const MAX_CHECKS = 8
// A challenge has about 500 characters, at most 1024.
const MAX_CHALLENGES = 1000

/**
 * How many signatures this process has verified for each of the last challenges. Verifying costs more than all the rest
 * of a request, so a flood of wrong signatures has to read a new challenge from each answer. Nobody can use up those of
 * others: a challenge is sealed, and only who got it in a response knows its text.
 */
export class SignatureChecks {
  private readonly counts = new BoundedCache<string, number>({ maxEntries: MAX_CHALLENGES })

  /** Counts a signature before it is verified. Returns `false` if it is one too many. Call it for challenges of this app only. */
  take(challenge: string): boolean {
    const count = this.counts.get(challenge) ?? 0
    if (count >= MAX_CHECKS) return false
    this.counts.set(challenge, count + 1)
    return true
  }
}
