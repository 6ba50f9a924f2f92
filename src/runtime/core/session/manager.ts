import { describeEntries } from './cached-routes/loaded'
import { assertPrivate } from './cached-routes/private'
import { startCleared } from './context'
import type { SessionContext } from './context'
import { expiresAt } from '../model/lifetimes'
import { loadOnce } from '../utils/lazily'
import { andThen, attempt } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import { clear, transact } from './transaction'
import type { RegenerateOptions, Session, SessionDataShape, SessionFlash, SessionManager, SessionUpdate } from '../model/types'
import { applyUpdate, isDataObject, mergeData } from '../model/data'

type Data = SessionDataShape

/** Like h3's manager, it serializes to `{ id, data }`, so a handler can return it. Its methods can be destructured. */
export function createManager<T = Data>(context: SessionContext): SessionManager<T> {
  return new Manager(context) as SessionManager<unknown> as SessionManager<T>
}

export function contextOf(manager: object): SessionContext | undefined {
  return manager instanceof Manager ? manager.context : undefined
}

/** Resets the manager of a revoked session: it is empty, and a later write starts a new session. */
export function forgetSession(manager: object): void {
  const context = contextOf(manager)
  if (!context) return
  context.state.stored = undefined
  context.state.migrating = undefined
  startCleared(context)
}

class Manager implements SessionManager<Data> {
  /** Not enumerable, so that JSON, copies and logs of the manager do not contain the options. */
  declare readonly context: SessionContext
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
    this.update = methodOf(this, update => updateData(context, update))
    this.replace = methodOf(this, data => replaceData(context, data))
    this.regenerate = methodOf(this, options => regenerate(context, options))
    this.clear = methodOf(this, () => clear(context))
    this.flash = flashOf(context)
  }

  /** Of a session that `maxUserSessions` ended, only the handle is known. */
  get id() { return this.session?.id || undefined }
  /** In development, the data of stored sessions is frozen. */
  get data() {
    this.follow()
    const { env, state } = this.context
    const { data } = state.record
    return state.isBridged ? data : env.development?.frozenData(state) ?? data
  }

  get handle() {
    const id = this.session?.id
    if (id === undefined) return undefined
    const { env, state: { stored } } = this.context
    return id === stored?.id ? stored.key : env.hash(id)
  }

  get createdAt() { return this.session?.createdAt }
  get expiresAt() { return this.session && expiresAt(this.session, this.context.config) }
  get isNew() { return this.context.state.isNew }
  get userId() { return this.session?.userId }
  get authenticatedAt() { return this.session?.authenticatedAt }
  get deviceBound() { return this.session?.device !== undefined && this.context.state.proof?.isOfLogin === false }

  toJSON() {
    return { id: this.id, data: this.data }
  }

  private follow(): void {
    // A cached handler may use a manager that was created before it.
    assertPrivate(this.context)
    void describeEntries(this.context)
    followH3(this.context)
  }

  private get session(): Session<Data> | undefined {
    this.follow()
    const { state } = this.context
    return state.isCleared ? undefined : state.record
  }
}

/**
 * A method that resolves to the manager after a write. V8 allocates a function that is assigned to a property in the old
 * generation, where it keeps its request in memory until a major collection; one that is returned, it does not.
 */
function methodOf<Input extends unknown[]>(manager: Manager, write: (...input: Input) => MaybePromise<void>): (...input: Input) => Promise<Manager> {
  return (...input) => attempt(() => andThen(write(...input), () => manager))
}

function flashOf(context: SessionContext): SessionFlash {
  return (async (...args: [key: string, value?: unknown]) => {
    const [key, value] = args
    return args.length > 1 ? setFlash(context, key, value) : takeFlash(context, key)
  }) as SessionFlash
}

const OWN = { id: ownGetter('id'), data: ownGetter('data') }

/** Without `set`, V8 defines the property four times faster. */
function ownGetter(key: 'id' | 'data'): PropertyDescriptor {
  return { get: Object.getOwnPropertyDescriptor(Manager.prototype, key)?.get, enumerable: true, configurable: true }
}

export function updateData(context: SessionContext, update?: SessionUpdate<SessionDataShape>): MaybePromise<void> {
  const { state } = context
  return transact(context, 'update', { change: () => state.setData(applyUpdate(state.record.data, update)) })
}

export function replaceData(context: SessionContext, data: SessionDataShape): MaybePromise<void> {
  const { state } = context
  const replacement = mergeData({}, data)
  return transact(context, 'update', { change: () => state.setData(replacement) })
}

/** Most requests are no login and show no flash value, and do not load the code. */
const loadRegeneration = loadOnce(() => import('./regeneration'))
const loadFlash = loadOnce(() => import('./flash'))

/** Gives the session a new id, and a user if one is given, in one commit. Throws as {@link createRegeneration}. */
export async function regenerate(context: SessionContext, options: RegenerateOptions<SessionDataShape> = {}): Promise<void> {
  const write = andThen(loadRegeneration(), ({ createRegeneration }) => createRegeneration(context, options))
  // It may fail before its turn comes.
  if (write instanceof Promise) write.catch(() => undefined)
  await transact(context, 'regenerate', write, isDataObject(options) && options.userId !== undefined)
}

async function setFlash(context: SessionContext, key: string, value: unknown): Promise<void> {
  const { state } = context
  await transact(context, 'update', { change() {
    state.record.flash = mergeData(state.record.flash ?? {}, { [key]: value })
  } })
}

/** Reads and removes a flash value. */
async function takeFlash(context: SessionContext, key: string): Promise<unknown> {
  followH3(context)
  return context.state.record.flash && (await loadFlash()).takeFlash(context, key)
}
