import type { RejectReason } from '../model/errors'
import type { Transport } from './transport'
import type { ResolvedConfig, Siblings } from '../config/types'
import type { HookScope } from './hook-scope'
import type { SessionState } from './state'
import type { SessionStore } from '../store/store'
import type { SessionHookInfos } from '../model/types'

/** What core is given by its surroundings, so that it needs no mock. */
export interface SessionEnvironment {
  /** Milliseconds since 1970. */
  now: () => number
  /** A new session id. */
  generateId: () => string
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** Whether the app has such a hook; without one nothing is called and nothing waits. */
  hasHook: (name: keyof SessionHookInfos) => boolean
  /** Calls the app's hooks one after the other. */
  callHook: <K extends keyof SessionHookInfos>(name: K, context: SessionContext, info: SessionHookInfos[K]) => Promise<unknown>
  scope: HookScope
  /** The store of a configuration that has one. @throws SESSION_CONFIG_INVALID where its mount is not there */
  storeOf: (config: ResolvedConfig) => SessionStore
  /** Told what happens to sessions; in development, where the DevTools are on. */
  observe?: SessionObserver
  isDevelopment: boolean
  /** Says something once in the process; never session data. */
  warnOnce: (message: string) => void
}

/**
 * One session in one request, as one call configured it.
 *
 * A class, for V8 lets object literals that outlived a collection be made among the old objects from then on; there
 * one that is dead keeps its whole request in memory until the old ones are collected, too.
 */
export class SessionContext {
  declare readonly env: SessionEnvironment
  declare readonly transport: Transport
  declare readonly config: ResolvedConfig
  declare readonly state: SessionState
  /** Where the session is kept; unset: in its cookie. */
  declare readonly store: SessionStore | undefined
  /** The app's other sessions: their cookies share one header line with this one's. */
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

/** A session that is kept in a store. */
export interface StoredContext extends SessionContext { readonly store: SessionStore }

/** Replaces the session by one that nobody has yet. */
export function startNew({ env, transport, config, state }: SessionContext): void {
  state.startNew(transport, newId({ env, config }), env.now())
}

/** An id by the call's own generator, or by ours. */
export function newId({ env, config }: Pick<SessionContext, 'env' | 'config'>): string {
  return config.generateId?.() ?? env.generateId()
}

/** What happened to a session; `renew` is a commit that changed nothing but its idle time or its seal. */
export type ActivityKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'renew' | 'reject'

export interface SessionActivity {
  kind: ActivityKind
  context: SessionContext
  /** For `reject`. */
  reason?: RejectReason
}

/** Told what happened, for development tools. It must not throw. */
export type SessionObserver = (activity: SessionActivity) => void
