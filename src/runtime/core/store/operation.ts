import { SessionError } from '../errors'
import type { MaybePromise } from '../maybe-promise'
import type { StoreContext } from './environment'

/**
 * One call of a store and its deadline. What a driver does goes through `call`: it fails when the deadline has
 * passed, and then nothing more is asked of the driver.
 */
export class Operation {
  #isOver = false
  #silence: Promise<never> | undefined
  #fail: (error: SessionError) => void = () => undefined
  #cancel: () => void = () => undefined

  constructor(private readonly context: StoreContext) {}

  /** Whether the deadline has passed. */
  get isOver() { return this.#isOver }

  /**
   * What the driver answers.
   * @throws SESSION_STORE_UNAVAILABLE
   */
  async call<T>(run: () => MaybePromise<T>): Promise<T> {
    if (this.#isOver) throw this.#silentError()
    const silence = this.#watch()
    return Promise.race([this.#answer(run), silence])
  }

  /**
   * What another part of the store comes to, within this deadline.
   * @throws SESSION_STORE_UNAVAILABLE
   */
  async within<T>(pending: Promise<T>): Promise<T> {
    return Promise.race([pending, this.#watch()])
  }

  /** Calls what is not the store's: the time it takes does not count, and its errors pass. */
  async outside<T>(run: () => MaybePromise<T>): Promise<T> {
    const result = run()
    if (!(result instanceof Promise)) return result
    this.#cancel()
    try {
      return await result
    }
    finally {
      this.renew()
    }
  }

  /** The driver has answered in a long piece of work: it has the whole time again. */
  renew(): void {
    if (this.#silence === undefined || this.#isOver) return
    this.#cancel()
    this.#start()
  }

  wait(ms: number): Promise<void> {
    return this.call(() => new Promise<void>(resolve => void this.context.env.startTimer(ms, resolve)))
  }

  end(): void {
    this.#cancel()
  }

  #watch(): Promise<never> {
    if (this.#silence !== undefined) return this.#silence
    this.#silence = new Promise<never>((_resolve, reject) => { this.#fail = reject })
    // Whether anybody waits for it when it fails, or nobody, is the same.
    this.#silence.catch(() => undefined)
    this.#start()
    return this.#silence
  }

  #start(): void {
    this.#cancel = this.context.env.startTimer(this.context.timeout, () => {
      this.#isOver = true
      this.#fail(this.#silentError())
    })
  }

  async #answer<T>(run: () => MaybePromise<T>): Promise<T> {
    try {
      return await run()
    }
    catch (error) {
      throw unavailable(this.context, `failed (${nameOfFailure(error)})`)
    }
  }

  #silentError(): SessionError {
    return unavailable(this.context, `did not answer within ${this.context.timeout} ms`)
  }
}

/** Does one call of a store. */
export function operate<T>(context: StoreContext, body: (operation: Operation) => MaybePromise<T>): Promise<T> {
  const operation = new Operation(context)
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

// The driver's own error is no cause of it: ioredis keeps the command in there, which is session data.
function unavailable({ driver }: StoreContext, what: string): SessionError {
  return new SessionError('SESSION_STORE_UNAVAILABLE',
    `the session store (unstorage driver "${driver.name ?? 'unnamed'}") ${what}. Check that it runs, that this server reaches it and may read and write there, and how busy it is; "storeTimeout" says how long to wait for it.`)
}

/** A code such as ECONNREFUSED or OOM, else the error's class. Its message may quote a command, and so data. */
function nameOfFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message.split(' ', 1)[0]!
  if (/^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code
  return /^\w{1,40}$/.test(error.name) ? error.name : 'Error'
}
