import type { SessionContext } from './context'
import { expiresAt } from './expiry'
import { clear, regenerate, replaceData, setFlash, takeFlash, updateData } from './operations'
import { assertPrivate } from './private'
import { followShared } from './shared'
import type { Session, SessionDataShape, SessionFlash, SessionManager } from './types'

type Data = SessionDataShape

/**
 * The manager of a session. Its own enumerable properties are h3's, so that returning it from a handler
 * answers `{ id, data }`; its methods work without it, so that they can be destructured.
 */
export function createManager<T = Data>(context: SessionContext): SessionManager<T> {
  return new Manager(context) as SessionManager<unknown> as SessionManager<T>
}

class Manager implements SessionManager<Data> {
  /** Not enumerable: neither JSON, nor a copy, nor a log of the manager shows the options. */
  declare private readonly context: SessionContext
  declare readonly update: SessionManager<Data>['update']
  declare readonly replace: SessionManager<Data>['replace']
  declare readonly regenerate: SessionManager<Data>['regenerate']
  declare readonly clear: SessionManager<Data>['clear']
  declare readonly flash: SessionFlash

  constructor(context: SessionContext) {
    Object.defineProperty(this, 'context', { value: context })
    Object.defineProperties(this, OWN)
    this.update = async (update) => {
      await updateData(context, update)
      return this
    }
    this.replace = async (data) => {
      await replaceData(context, data)
      return this
    }
    this.regenerate = async (options) => {
      await regenerate(context, options)
      return this
    }
    this.clear = async () => {
      await clear(context)
      return this
    }
    this.flash = (async (...args: [key: string, value?: unknown]) => {
      const [key, value] = args
      return args.length > 1 ? setFlash(context, key, value) : takeFlash(context, key)
    }) as SessionFlash
  }

  get id() { return this.session?.id }
  get data() { return this.record.data }

  get handle() {
    const id = this.session?.id
    return id === undefined ? undefined : this.context.env.hash(id)
  }

  get createdAt() { return this.session?.createdAt }
  get expiresAt() { return this.session && expiresAt(this.session, this.context.config) }
  get isNew() { return this.context.state.isNew }
  get userId() { return this.session?.userId }
  get authenticatedAt() { return this.session?.authenticatedAt }

  toJSON() {
    return { id: this.id, data: this.data }
  }

  private get record(): Session<Data> {
    // A middleware's manager may have found its way into a cached handler.
    assertPrivate(this.context)
    followShared(this.context)
    return this.context.state.record
  }

  /** The record, unless the session was cleared. */
  private get session(): Session<Data> | undefined {
    const record = this.record
    return this.context.state.isCleared ? undefined : record
  }
}

const OWN = Object.fromEntries(['id', 'data'].map(key =>
  [key, { ...Object.getOwnPropertyDescriptor(Manager.prototype, key), enumerable: true }]))
