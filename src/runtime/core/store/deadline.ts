import { SessionError } from '../model/errors'
import { attempt } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreContext } from './context'

// Messages of ioredis and pg without stored data, whose class is only `Error`.
const CLIENT_FAILURES = /^(?:Connection is closed|Command timed out|Connection terminated)\b/

interface DeadlineOptions {
  /** Whether a failure leaves open what was written. */
  isWrite?: boolean
  /** Called if the deadline passes. */
  onTimeout?: () => void
  /** Of a call that first waits for earlier ones. */
  turn?: Turn
}

interface Turn {
  hasCome: boolean
  /** When the store last answered an earlier call, in milliseconds since 1970. The time counts from then on. */
  readonly answeredAt: number | undefined
}

/** The deadline of one store call. After it has passed, the driver is not called again. */
export class Deadline {
  declare private readonly context: StoreContext
  declare private readonly options: DeadlineOptions
  /** @readonly */
  declare hasPassed: boolean
  /** Rejects the pending calls. */
  declare private pending: Set<(error: SessionError) => void> | undefined
  /** Stops the timer, if it runs. */
  declare cancel: (() => void) | undefined

  constructor(context: StoreContext, options: DeadlineOptions) {
    this.context = context
    this.options = options
    this.hasPassed = false
    this.pending = undefined
    this.cancel = undefined
  }

  /** Runs a driver call. Rejects with SESSION_STORE_UNAVAILABLE if it fails or the deadline passes. */
  call<T>(run: () => MaybePromise<T>): Promise<T> {
    return this.guard(run, error => this.unavailable(`failed (${failureCode(error)})`))
  }

  /** Runs another part of the store within this deadline. Its errors are passed on. */
  within<T>(run: () => Promise<T>): Promise<T> {
    return this.guard(run, error => error)
  }

  /** Runs code outside the store: its time does not count and its errors are passed on. */
  async pauseDuring<T>(run: () => MaybePromise<T>): Promise<T> {
    const result = run()
    if (!(result instanceof Promise)) return result
    this.cancel?.()
    try {
      return await result
    }
    finally {
      this.renew()
    }
  }

  /** Restarts the time, because the driver has answered during a long task. */
  renew(): void {
    if (this.pending === undefined || this.hasPassed) return
    this.cancel?.()
    this.start()
  }

  wait(ms: number): Promise<void> {
    return this.call(() => new Promise<void>(resolve => void this.context.env.startTimer(ms, resolve)))
  }

  private guard<T>(run: () => MaybePromise<T>, toError: (error: unknown) => unknown): Promise<T> {
    if (this.hasPassed) return Promise.reject(this.timeoutError())
    if (this.pending === undefined) this.start()
    const pending = this.pending ??= new Set()
    return new Promise<T>((resolve, reject) => {
      pending.add(reject)
      const fail = (error: unknown) => {
        pending.delete(reject)
        reject(toError(error) as Error)
      }
      // A driver's methods may be synchronous, and throw.
      attempt(run).then((value) => {
        pending.delete(reject)
        resolve(value)
      }, fail)
    })
  }

  private start(ms = this.context.timeout): void {
    this.cancel = this.context.env.startTimer(ms, () => {
      const rest = this.restSinceAnswer()
      if (rest > 0) return this.start(rest)
      this.hasPassed = true
      for (const reject of this.pending ?? []) reject(this.timeoutError())
      this.options.onTimeout?.()
    })
  }

  private restSinceAnswer(): number {
    const { env, timeout } = this.context
    const { answeredAt = -Infinity } = this.options.turn ?? {}
    // The clock may be set back.
    return Math.min(answeredAt + timeout - env.now(), timeout)
  }

  private get driverName() { return this.context.driver.name ?? 'unnamed' }

  private timeoutError(): SessionError {
    if (this.options.turn?.hasCome === false)
      return new SessionError('SESSION_STORE_UNAVAILABLE', `a write waited too long for earlier ones of the same session. Make the session's hooks faster, or check whether the session store (unstorage driver "${this.driverName}") is slow. It waits at most "storeTimeout" (${this.context.timeout} ms) for each. Nothing was written.`)
    return this.unavailable(`did not answer within ${this.context.timeout} ms`)
  }

  // Without the driver's error as its cause: ioredis keeps the command in it, with session data.
  private unavailable(what: string): SessionError {
    return new SessionError('SESSION_STORE_UNAVAILABLE',
      `the session store (unstorage driver "${this.driverName}") ${what}. Check that it runs, that this server can reach it and may read and write, and that it is not overloaded. "storeTimeout" is the time to wait for it.${this.options.isWrite ? ' This change may or may not have been written.' : ''}`)
  }
}

/** Runs one store call within a new deadline. */
export function withDeadline<T>(context: StoreContext, body: (deadline: Deadline) => MaybePromise<T>, options: DeadlineOptions = {}): Promise<T> {
  const deadline = new Deadline(context, options)
  const result = body(deadline)
  return result instanceof Promise ? result.finally(() => deadline.cancel?.()) : Promise.resolve(result)
}

/** Returns a code such as ECONNREFUSED, OOM or 53300, else the error's class; never the message, which may contain session data. */
function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // A cluster's client says how often it tried, and then the failure of the last try.
  const message = error.message.replace(/^Too many Cluster redirections\. Last error: \w+: /, '')
  const [sentence] = CLIENT_FAILURES.exec(message) ?? []
  if (sentence !== undefined) return sentence
  const code = own ?? message.split(' ', 1)[0]!
  const isSqlState = own !== undefined && /^[\dA-Z]{5}$/.test(own)
  if (isSqlState || /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code
  return /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
}
