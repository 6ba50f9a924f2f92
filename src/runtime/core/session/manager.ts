import { describeEntries } from './cached-routes/cached-entry'
import { startNew } from './context'
import type { SessionContext } from './context'
import { expiresAt } from '../model/lifetimes'
import { clear, regenerate, replaceData, setFlash, takeFlash, updateData } from './operations'
import { andThen, attempt } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { assertPrivate } from './cached-routes/private'
import { presentData } from './present'
import { followH3 } from './h3-bridge'
import type { Session, SessionDataShape, SessionFlash, SessionManager } from '../model/types'

type Data = SessionDataShape

/**
 * The manager of a session. Its own enumerable properties are h3's and more methods, so that returning it from a handler
 * answers `{ id, data }`; its methods work without it, so that they can be destructured.
 */
export function createManager<T = Data>(context: SessionContext): SessionManager<T> {
  return new Manager(context) as SessionManager<unknown> as SessionManager<T>
}

/** Lets a manager whose session was revoked know it: it is empty, and a later write starts a new session. */
export function forgetSession(manager: object): void {
  if (manager instanceof Manager) manager.forget()
}

/** What a manager is made of. */
export function contextOf(manager: object): SessionContext | undefined {
  return manager instanceof Manager ? manager.own() : undefined
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
    // One by one: Object.defineProperties takes three times as long.
    Object.defineProperty(this, 'id', OWN.id)
    Object.defineProperty(this, 'data', OWN.data)
    Object.defineProperty(this, 'context', { value: context })
    this.update = update => this.after(() => updateData(context, update))
    this.replace = data => this.after(() => replaceData(context, data))
    this.regenerate = options => this.after(() => regenerate(context, options))
    this.clear = () => this.after(() => clear(context))
    this.flash = (async (...args: [key: string, value?: unknown]) => {
      const [key, value] = args
      return args.length > 1 ? setFlash(context, key, value) : takeFlash(context, key)
    }) as SessionFlash
  }

  get id() { return this.session?.id }
  get data() {
    this.follow()
    return presentData(this.context)
  }

  get handle() {
    const id = this.session?.id
    return id === undefined ? undefined : this.context.env.hash(id)
  }

  get createdAt() { return this.session?.createdAt }
  get expiresAt() { return this.session && expiresAt(this.session, this.context.config) }
  get isNew() { return this.context.state.isNew }
  get userId() { return this.session?.userId }
  get authenticatedAt() { return this.session?.authenticatedAt }

  own(): SessionContext { return this.context }

  forget(): void {
    const { context } = this
    context.state.stored = undefined
    context.state.migrating = undefined
    startNew(context)
    context.state.isCleared = true
  }

  toJSON() {
    return { id: this.id, data: this.data }
  }

  /** The manager once the write is done. */
  private after(write: () => MaybePromise<void>): Promise<this> {
    return attempt(() => andThen(write(), () => this))
  }

  private follow(): void {
    // A middleware's manager may have found its way into a cached handler.
    assertPrivate(this.context)
    describeEntries(this.context)
    followH3(this.context)
  }

  /** The record, unless the session was cleared. */
  private get session(): Session<Data> | undefined {
    this.follow()
    const { state } = this.context
    return state.isCleared ? undefined : state.record
  }
}

const OWN = { id: ownGetter('id'), data: ownGetter('data') }

/** Without a `set`: V8 defines such a property in a quarter of the time. */
function ownGetter(key: 'id' | 'data'): PropertyDescriptor {
  return { get: Object.getOwnPropertyDescriptor(Manager.prototype, key)?.get, enumerable: true, configurable: true }
}
