import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { counted } from './counted-driver'
import type { Call } from './counted-driver'
import type { FakeEnvironment } from '../../unit/support/environment'

/** A driver of which a test holds calls back, in a surrounding whose store timeout passes when the test says so. */
export class HeldDriver {
  readonly driver: StoreDriver
  #isHeld: (call: Call) => boolean = () => false
  #held: { go: () => void, fail: (error: Error) => void }[] = []
  #waiting: { count: number, resolve: () => void } | undefined
  readonly #deadlines = new Set<() => void>()

  constructor(driver: StoreDriver, env: FakeEnvironment) {
    this.driver = counted(driver, env, call => this.#isHeld(call) ? this.#hold() : undefined)
    env.driver = this.driver
    env.startTimer = (ms, run) => {
      if (ms < 1000) {
        const timer = setImmediate(run)
        return () => clearImmediate(timer)
      }
      this.#deadlines.add(run)
      return () => void this.#deadlines.delete(run)
    }
  }

  /** Holds such calls back from now on. */
  hold(isHeld: (call: Call) => boolean): void {
    this.#isHeld = isHeld
  }

  /** Resolves when so many calls are held back. */
  held(count = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve }
      this.#look()
    })
  }

  /** Lets the store timeout of all that is under way pass. */
  expire(): void {
    for (const run of [...this.#deadlines]) run()
  }

  /** Lets what was held back arrive. */
  release(): void {
    this.#isHeld = () => false
    for (const { go } of this.#held.splice(0)) go()
  }

  /** Lets what was held back fail. */
  fail(error: Error): void {
    this.#isHeld = () => false
    for (const { fail } of this.#held.splice(0)) fail(error)
  }

  #hold(): Promise<void> {
    return new Promise<void>((go, fail) => {
      this.#held.push({ go, fail })
      this.#look()
    })
  }

  #look(): void {
    if (this.#waiting && this.#held.length >= this.#waiting.count) this.#waiting.resolve()
  }
}
