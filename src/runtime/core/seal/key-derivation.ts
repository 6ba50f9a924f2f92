import type { Bytes, SyncCrypto } from './crypto'
import { OverloadError } from './keys'

// Each occupies a thread of the pool that the file system and DNS use too.
const MAX_PARALLEL = 2
/** How many unverified salts may wait. */
export const MAX_WAITING = 128
/**
 * Iterations that seals which no password opens may cost, per second and as a burst: about a seventh of a core, or 50
 * seals at 8192 iterations.
 */
export const FORGED_ITERATIONS = 50 * 8192

interface Waiting { start: () => void, drop: () => void }

/**
 * Derives keys of more than one iteration. They would block the server for milliseconds, and forged tokens with fresh
 * salts could cause that. So they run on other threads, at most two at once, in order. Salts of our own
 * seals go first. Once forged tokens have used up {@link FORGED_ITERATIONS}, unverified salts wait for the next second.
 * If too many wait, the oldest are dropped.
 */
export class KeyDerivation {
  private readonly limit: number
  private readonly verified: Waiting[] = []
  private readonly unverified: Waiting[] = []
  private running = 0
  /** Iterations of forged tokens that are not yet compensated by time. */
  private forged = 0
  private forgedAt = 0
  private isResting = false

  constructor(private readonly crypto: Pick<SyncCrypto, 'derive' | 'parallelism' | 'now' | 'wait'>) {
    this.limit = Math.min(crypto.parallelism ?? MAX_PARALLEL, MAX_PARALLEL)
  }

  /** `isUnverified`: the salt comes from a token whose MAC is not verified. */
  readonly derive = (password: string, salt: string, iterations: number, isUnverified = false): Promise<Bytes> =>
    new Promise((resolve, reject) => {
      const start = () => void this.run(password, salt, iterations).then(resolve, reject)
      const drop = () => reject(new OverloadError('Too many unverified salts wait for their key.'))
      const queue = isUnverified ? this.unverified : this.verified
      queue.push({ start, drop })
      this.startNext()
      if (this.unverified.length > MAX_WAITING) this.unverified.shift()!.drop()
    })

  /** Counts the iterations that were spent on a token that no password opens. */
  addForged(iterations: number): void {
    this.forged = this.remaining() + iterations
    this.forgedAt = this.crypto.now()
  }

  private async run(password: string, salt: string, iterations: number): Promise<Bytes> {
    try {
      return await this.crypto.derive(password, salt, iterations)
    }
    finally {
      this.running--
      this.startNext()
    }
  }

  private startNext(): void {
    while (this.running < this.limit) {
      const next = this.verified.shift() ?? (this.mustRest() ? undefined : this.unverified.shift())
      if (!next) return
      this.running++
      next.start()
    }
  }

  private mustRest(): boolean {
    if (this.forged === 0 || this.unverified.length === 0) return false
    const milliseconds = (this.remaining() - FORGED_ITERATIONS) / FORGED_ITERATIONS * 1000
    if (milliseconds <= 0) return false
    if (!this.isResting) {
      this.isResting = true
      void this.crypto.wait(Math.ceil(milliseconds)).then(() => {
        this.isResting = false
        this.startNext()
      })
    }
    return true
  }

  private remaining(): number {
    return Math.max(0, this.forged - (this.crypto.now() - this.forgedAt) / 1000 * FORGED_ITERATIONS)
  }
}
