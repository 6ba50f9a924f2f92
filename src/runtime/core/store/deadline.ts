import { SessionError } from '../model/errors'
import { attempt } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreContext } from './context'

/**
 * One call of a store and its deadline. What a driver does goes through `call`: it fails when the deadline has
 * passed, and then nothing more is asked of the driver.
 */
export class Operation {
  declare private readonly context: StoreContext
  declare private readonly isWrite: boolean
  declare private hasPassed: boolean
  /** Who waits within the deadline. */
  declare private waiting: Set<(error: SessionError) => void> | undefined
  declare private cancel: (() => void) | undefined

  constructor(context: StoreContext, isWrite: boolean) {
    this.context = context
    this.isWrite = isWrite
    this.hasPassed = false
    this.waiting = undefined
    this.cancel = undefined
  }

  /** Whether the deadline has passed. */
  get isOver() { return this.hasPassed }

  /**
   * What the driver answers.
   * @throws SESSION_STORE_UNAVAILABLE
   */
  call<T>(run: () => MaybePromise<T>): Promise<T> {
    return this.guard(run, error => this.unavailable(`failed (${nameOfFailure(error)})`))
  }

  /**
   * What another part of the store comes to, within this deadline.
   * @throws SESSION_STORE_UNAVAILABLE
   */
  within<T>(run: () => Promise<T>): Promise<T> {
    return this.guard(run, error => error)
  }

  /** Calls what is not the store's: the time it takes does not count, and its errors pass. */
  async outside<T>(run: () => MaybePromise<T>): Promise<T> {
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

  /** The driver has answered in a long piece of work: it has the whole time again. */
  renew(): void {
    if (this.waiting === undefined || this.hasPassed) return
    this.cancel?.()
    this.start()
  }

  wait(ms: number): Promise<void> {
    return this.call(() => new Promise<void>(resolve => void this.context.env.startTimer(ms, resolve)))
  }

  end(): void {
    this.cancel?.()
  }

  private guard<T>(run: () => MaybePromise<T>, toError: (error: unknown) => unknown): Promise<T> {
    if (this.hasPassed) return Promise.reject(this.silentError())
    if (this.waiting === undefined) this.start()
    const waiting = this.waiting ??= new Set()
    return new Promise<T>((resolve, reject) => {
      waiting.add(reject)
      const fail = (error: unknown) => {
        waiting.delete(reject)
        reject(toError(error) as Error)
      }
      // A driver's methods may be synchronous, and throw.
      attempt(run).then((value) => {
        waiting.delete(reject)
        resolve(value)
      }, fail)
    })
  }

  private start(): void {
    this.cancel = this.context.env.startTimer(this.context.timeout, () => {
      this.hasPassed = true
      for (const reject of this.waiting ?? []) reject(this.silentError())
    })
  }

  private silentError(): SessionError {
    return this.unavailable(`did not answer within ${this.context.timeout} ms`)
  }

  // The driver's own error is no cause of it: ioredis keeps the command in there, which is session data.
  private unavailable(what: string): SessionError {
    const { name = 'unnamed' } = this.context.driver
    return new SessionError('SESSION_STORE_UNAVAILABLE',
      `the session store (unstorage driver "${name}") ${what}. Check that it runs, that this server reaches it and may read and write there, and how busy it is; "storeTimeout" says how long to wait for it.${this.isWrite ? ' This change may or may not have been written.' : ''}`)
  }
}

/** Does one call of a store. */
export function operate<T>(context: StoreContext, body: (operation: Operation) => MaybePromise<T>, isWrite = false): Promise<T> {
  const operation = new Operation(context, isWrite)
  let result: MaybePromise<T>
  try {
    result = body(operation)
  }
  catch (error) {
    operation.end()
    return Promise.reject(error as Error)
  }
  return result instanceof Promise ? result.finally(() => operation.end()) : Promise.resolve(result)
}

/** A code such as ECONNREFUSED, OOM or 53300, else the error's class. Its message may quote a command, and so data. */
function nameOfFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const own = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // A database's is SQL's, of five letters and digits.
  if (own !== undefined && /^[\dA-Z]{5}$/.test(own)) return own
  const code = own ?? error.message.split(' ', 1)[0]!
  if (/^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code
  return /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
}
