import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import memoryDriver from 'unstorage/drivers/memory'
import type { ResolvedConfig } from '../../../src/runtime/core/config/types'
import type { SessionContext, SessionEnvironment } from '../../../src/runtime/core/session/context'
import { createHookScope } from '../../../src/runtime/core/session/hook-scope'
import type { HookScope } from '../../../src/runtime/core/session/hook-scope'
import { createManager } from '../../../src/runtime/core/session/manager'
import { DEVELOPMENT_CHECKS } from '../../../src/runtime/core/session/development'
import { createStorePersistence } from '../../../src/runtime/core/session/persistence/store'
import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import type { SessionHookInfos, SessionManager } from '../../../src/runtime/core/model/types'

type HookName = keyof SessionHookInfos
type Hook<K extends HookName> = (session: SessionManager, info: SessionHookInfos[K], context: SessionContext) => unknown

interface HookCall {
  name: HookName
  id: string | undefined
  data: Record<string, unknown>
  info: SessionHookInfos[HookName]
}

/** The environment of core: a fake clock, numbered ids, and a record of the hooks. */
export class FakeEnvironment implements SessionEnvironment {
  /** Milliseconds since 1970; far from the machine's clock, so that a test fails if core reads that one. */
  time = Date.UTC(2031, 0, 1)
  isDevelopment = false
  basePath = ''
  ids = 0
  readonly calls: HookCall[] = []
  readonly warnings: string[] = []
  readonly #hooks = new Map<HookName, Hook<HookName>>()

  scope: HookScope | undefined

  constructor(private readonly hookScope = createHookScope(new AsyncLocalStorage())) {}

  loadScope = async () => this.scope = this.hookScope

  get development() { return this.isDevelopment ? DEVELOPMENT_CHECKS : undefined }
  now = () => this.time
  readonly stores = new Map<string, SessionStore>()
  persistenceOf = (config: ResolvedConfig) => createStorePersistence(this.storeOf(config))
  storeOf = ({ storage = '', storeTimeout }: ResolvedConfig) => {
    const store = this.stores.get(storage) ?? createSessionStore({ driver: this.driver }, this, { timeout: storeTimeout })
    this.stores.set(storage, store)
    return store.withTimeout(storeTimeout)
  }

  /** The storage with the stores' mounts. */
  driver: StoreDriver = memoryDriver() as StoreDriver
  random = () => 0
  newWriter = () => this.stores.size / 1000
  startTimer = (milliseconds: number, run: () => void) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  }

  generateId = () => `id-${++this.ids}`
  hash = (text: string) => createHash('sha256').update(text).digest('hex')
  warnOnce = (message: string) => {
    if (!this.warnings.includes(message)) this.warnings.push(message)
  }

  // Every hook counts as used by the app, because the tests check the calls.
  hasHook = () => true

  callHook = async <K extends HookName>(name: K, context: SessionContext, info: SessionHookInfos[K]) => {
    const session = createManager(context)
    this.calls.push({ name, id: session.id, data: structuredClone({ ...session.data }), info })
    await this.#hooks.get(name)?.(session, info, context)
  }

  /** Sets the app's hook. */
  on<K extends HookName>(name: K, hook: Hook<K>) {
    this.#hooks.set(name, hook as unknown as Hook<HookName>)
  }

  /** Names of the hooks called since the last call. */
  takeCalls(): HookName[] {
    return this.calls.splice(0).map(call => call.name)
  }

  /** Reasons of the sessions rejected so far. */
  get reasons() {
    return this.calls.filter(call => call.name === 'session:reject').map(call => (call.info as SessionHookInfos['session:reject']).reason)
  }
}
