import type { RejectReason } from '../model/errors'
import type { Transport } from './transport'
import type { ResolvedConfig, Siblings } from '../config/types'
import type { HookScope } from './hook-scope'
import type { SessionState } from './state'
import type { SessionStore } from '../store/store'
import type { SessionHookInfos } from '../model/types'

/** What the core needs from its host. */
export interface SessionEnvironment {
  /** Milliseconds since 1970. */
  now: () => number
  /** Creates a session id. */
  generateId: () => string
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** Whether the app has this hook. */
  hasHook: (name: keyof SessionHookInfos) => boolean
  /** Calls the app's hooks in series. */
  callHook: <K extends keyof SessionHookInfos>(name: K, context: SessionContext, info: SessionHookInfos[K]) => Promise<unknown>
  scope: HookScope
  /** The store of a configuration with `storage`. @throws SESSION_CONFIG_INVALID if its mount does not exist */
  storeOf: (config: ResolvedConfig) => SessionStore
  /** Set in development if the DevTools are on. */
  observe?: SessionObserver
  isDevelopment: boolean
  /** Logs a message once per process. Never pass session data. */
  warnOnce: (message: string) => void
}

/**
 * One session in one request, with the configuration of one call.
 *
 * A class, because V8 may allocate object literals in the old generation, and each would then keep its request in
 * memory until a major collection.
 */
export class SessionContext {
  declare readonly env: SessionEnvironment
  declare readonly transport: Transport
  declare readonly config: ResolvedConfig
  declare readonly state: SessionState
  /** Unset for cookie sessions. */
  declare readonly store: SessionStore | undefined
  /** The app's other sessions. All their cookies share one request header. */
  declare readonly siblings: Siblings

  constructor(
    env: SessionEnvironment, transport: Transport, config: ResolvedConfig, state: SessionState, store: SessionStore | undefined,
    siblings: Siblings,
  ) {
    this.env = env
    this.transport = transport
    this.config = config
    this.state = state
    this.store = store
    this.siblings = siblings
  }
}

/** A context with a store. */
export interface StoredContext extends SessionContext { readonly store: SessionStore }

/** Replaces the session by a new one that no client has. */
export function startNew({ env, transport, config, state }: SessionContext): void {
  state.startNew(transport, newId({ env, config }), env.now())
}

/** Creates an id with `config.generateId`, or else with the default generator. */
export function newId({ env, config }: Pick<SessionContext, 'env' | 'config'>): string {
  return config.generateId?.() ?? env.generateId()
}

/** What happened to a session. `renew` is a commit that changes only the idle time or the seal. */
export type ActivityKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'renew' | 'reject'

export interface SessionActivity {
  kind: ActivityKind
  context: SessionContext
  /** For `reject`. */
  reason?: RejectReason
}

/** Gets every activity, for development tools. It must not throw. */
export type SessionObserver = (activity: SessionActivity) => void
