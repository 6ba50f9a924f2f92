import type { SessionContext } from './context'
import { expiresAt } from './expiry'
import { clear, regenerate, replaceData, setFlash, takeFlash, updateData } from './operations'
import { assertPrivate } from './private'
import { followShared } from './shared'
import type { RegenerateOptions, Session, SessionDataShape, SessionFlash, SessionManager, SessionUpdate } from './types'

type Data = SessionDataShape

/**
 * The manager of a session. Its own enumerable properties are h3's, so that returning it from a handler
 * answers `{ id, data }`; its methods work without it, so that they can be destructured.
 */
export function createManager<T = Data>(context: SessionContext): SessionManager<T> {
  return new Manager(context) as SessionManager<unknown> as SessionManager<T>
}

class Manager implements SessionManager<Data> {
  readonly #context: SessionContext
  declare readonly id: string | undefined
  declare readonly data: Data

  constructor(context: SessionContext) {
    this.#context = context
    Object.defineProperties(this, {
      id: { get: () => this.#session?.id, enumerable: true },
      data: { get: () => this.#record.data, enumerable: true },
    })
  }

  get handle() {
    const id = this.#session?.id
    return id === undefined ? undefined : this.#context.env.hash(id)
  }

  get createdAt() { return this.#session?.createdAt }
  get expiresAt() { return this.#session && expiresAt(this.#session, this.#context.config) }
  get isNew() { return this.#context.state.isNew }
  get userId() { return this.#session?.userId }
  get authenticatedAt() { return this.#session?.authenticatedAt }

  toJSON() {
    return { id: this.id, data: this.data }
  }

  readonly update = async (update?: SessionUpdate<Data>) => {
    await updateData(this.#context, update)
    return this
  }

  readonly replace = async (data: Data) => {
    await replaceData(this.#context, data)
    return this
  }

  readonly regenerate = async (options?: RegenerateOptions<Data>) => {
    await regenerate(this.#context, options)
    return this
  }

  readonly clear = async () => {
    await clear(this.#context)
    return this
  }

  readonly flash = (async (...args: [key: string, value?: unknown]) => {
    const [key, value] = args
    return args.length > 1 ? setFlash(this.#context, key, value) : takeFlash(this.#context, key)
  }) as SessionFlash

  get #record(): Session<Data> {
    // A middleware's manager may have found its way into a cached handler.
    assertPrivate(this.#context)
    followShared(this.#context)
    return this.#context.state.record
  }

  /** The record, unless the session was cleared. */
  get #session(): Session<Data> | undefined {
    const record = this.#record
    return this.#context.state.isCleared ? undefined : record
  }
}
