import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { counted } from './counted-driver'
import type { Call } from './counted-driver'
import type { FakeEnvironment } from '../../unit/support/environment'

/** A driver whose calls a test can hold back, with an environment in which the test controls the store timeout. */
export class HeldDriver {
  readonly driver: StoreDriver
  #isHeld: (call: Call) => boolean = () => false
  #isRefused: (call: Call) => boolean = () => false
  #held: { go: () => void, fail: (error: Error) => void }[] = []
  #waiting: { count: number, resolve: () => void } | undefined
  readonly #deadlines = new Set<() => void>()

  constructor(driver: StoreDriver, env: FakeEnvironment) {
    this.driver = counted(driver, env, (call) => {
      if (this.#isRefused(call)) throw new Error('connection lost')
      return this.#isHeld(call) ? this.#hold() : undefined
    })
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

  /** Fails these calls from now on. */
  refuse(isRefused: (call: Call) => boolean): void {
    this.#isRefused = isRefused
  }

  /** Resolves when this number of calls is held back. */
  held(count = 1): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve }
      this.#look()
    })
  }

  /** Makes the store timeout of all pending calls pass. */
  expire(): void {
    for (const run of [...this.#deadlines]) run()
  }

  /** Runs the calls that were held back. */
  release(): void {
    this.#isHeld = () => false
    for (const { go } of this.#held.splice(0)) go()
  }

  /** Makes the calls that were held back fail. */
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
