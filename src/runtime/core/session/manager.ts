import { describeEntries, assertPrivate } from './cached-routes/private'
import { startNew } from './context'
import type { SessionContext } from './context'
import { expiresAt } from '../model/lifetimes'
import { clear, regenerate, replaceData, setFlash, takeFlash, updateData } from './operations'
import { andThen, attempt } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import type { Session, SessionDataShape, SessionFlash, SessionManager } from '../model/types'
import { frozenCopy } from '../model/data'

type Data = SessionDataShape

/**
 * Creates the manager of a session. Like h3's, it serializes to `{ id, data }`, so that a handler can return it. Its
 * methods can be destructured.
 */
export function createManager<T = Data>(context: SessionContext): SessionManager<T> {
  return new Manager(context) as SessionManager<unknown> as SessionManager<T>
}

/** Resets the manager of a revoked session: it is empty, and a later write starts a new session. */
export function forgetSession(manager: object): void {
  if (manager instanceof Manager) manager.forget()
}

export function contextOf(manager: object): SessionContext | undefined {
  return manager instanceof Manager ? manager.own() : undefined
}

class Manager implements SessionManager<Data> {
  /** Not enumerable, so that JSON, copies and logs of the manager do not contain the options. */
  declare private readonly context: SessionContext
  declare readonly update: SessionManager<Data>['update']
  declare readonly replace: SessionManager<Data>['replace']
  declare readonly regenerate: SessionManager<Data>['regenerate']
  declare readonly clear: SessionManager<Data>['clear']
  declare readonly flash: SessionFlash

  constructor(context: SessionContext) {
    // Object.defineProperties takes three times as long.
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

  /** Resolves to the manager after the write. */
  private after(write: () => MaybePromise<void>): Promise<this> {
    return attempt(() => andThen(write(), () => this))
  }

  private follow(): void {
    // A cached handler may use a manager that was created before it.
    assertPrivate(this.context)
    describeEntries(this.context)
    followH3(this.context)
  }

  /** `undefined` after `clear()`. */
  private get session(): Session<Data> | undefined {
    this.follow()
    const { state } = this.context
    return state.isCleared ? undefined : state.record
  }
}

const OWN = { id: ownGetter('id'), data: ownGetter('data') }

/** Without `set`, V8 defines the property four times faster. */
function ownGetter(key: 'id' | 'data'): PropertyDescriptor {
  return { get: Object.getOwnPropertyDescriptor(Manager.prototype, key)?.get, enumerable: true, configurable: true }
}

/**
 * The data for the app. The next conflict would discard a mutation of a stored session's data. In development the data
 * is frozen, so that such a mistake throws.
 */
export function presentData({ env, state }: SessionContext): SessionDataShape {
  const { data } = state.record
  if (state.isBridged || !env.isDevelopment) return data
  if (state.shown?.of !== data) state.shown = { of: data, copy: frozenCopy(data) }
  return state.shown.copy
}
