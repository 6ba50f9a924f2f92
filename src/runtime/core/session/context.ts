import type { ProofFailure, RequestProof } from '../device/proof'
import type { RejectReason } from '../model/errors'
import type { MaybePromise } from '../utils/maybe-promise'
import type { Transport } from './transport'
import type { ResolvedConfig, Siblings } from '../config/types'
import type { HookScope } from './hook-scope'
import type { MigratingState, SessionState, StoredState } from './state'
import type { SessionStore } from '../store/store'
import type { SessionDataShape, SessionHookInfos } from '../model/types'
import type { OpenedSession, Rejected, TokenResult } from './token'

/** What the core needs from its host. */
export interface SessionEnvironment {
  /** Milliseconds since 1970. */
  now: () => number
  generateId: () => string
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** The path below which the app is served, such as `/app`; `''` for the root. */
  readonly basePath: string
  hasHook: (name: keyof SessionHookInfos) => boolean
  callHook: <K extends keyof SessionHookInfos>(name: K, context: SessionContext, info: SessionHookInfos[K]) => Promise<unknown>
  /** Unset until the first hook is called. */
  scope?: HookScope
  /** Loads the code for hooks and sets `scope`. */
  loadScope: () => Promise<HookScope>
  /**
   * How the sessions of a configuration with `storage` are kept. Asynchronous until the code for stores is loaded.
   * @throws SESSION_CONFIG_INVALID if its mount does not exist
   */
  persistenceOf: (config: ResolvedConfig) => MaybePromise<StorePersistence>
  /** Set in development if the DevTools are on. */
  observe?: (activity: SessionActivity) => void
  /** Set together with `observe`: returns the stack of the present call. */
  trace?: () => string | undefined
  isDevelopment: boolean
  /** Set in development. */
  development?: DevelopmentChecks
  /** Logs a message once per process. Never pass session data. */
  warnOnce: (message: string) => void
}

/** What shows likely mistakes. */
export interface DevelopmentChecks {
  /** Warns before the response if the app changed the session's data in place and wrote nothing. */
  watchData: (context: SessionContext) => void
  /** A frozen copy of the data of a stored session, because a conflict would discard a change in place. */
  frozenData: (state: SessionState) => SessionDataShape
  warnOfOtherPassword: (context: SessionContext) => void
  /** h3's own functions rejected a token that this module accepts. */
  warnOfNewH3Session: (context: SessionContext) => void
}

/**
 * One session in one request, with the configuration of one call. A class, because V8 may allocate object literals in
 * the old generation, where each keeps its request in memory until a major collection.
 */
export class SessionContext {
  declare readonly env: SessionEnvironment
  declare readonly transport: Transport
  declare readonly config: ResolvedConfig
  declare readonly state: SessionState
  declare readonly siblings: Siblings
  declare readonly persistence: Persistence
  /** Unset for cookie sessions. */
  declare readonly store: SessionStore | undefined

  constructor(
    env: SessionEnvironment, transport: Transport, config: ResolvedConfig, state: SessionState, siblings: Siblings, persistence: Persistence,
  ) {
    this.env = env
    this.transport = transport
    this.config = config
    this.state = state
    this.siblings = siblings
    this.persistence = persistence
    this.store = persistence.store
  }
}

/** How sessions are kept between requests: in the cookie or in a store. */
export interface Persistence {
  /** Unset for cookie sessions. */
  readonly store: SessionStore | undefined
  /** Whether an id can end before its token expires. */
  readonly canEndIds: boolean
  find: (context: FindContext, opened: TokenResult) => MaybePromise<FoundSession | Rejected>
  /** Whether the session is in a store, so that a write of its data needs no response. */
  isStored: (context: SessionContext) => boolean
  /** Seals the session into a token. The token of a stored session contains its id, not its data. */
  seal: (context: SessionContext) => MaybePromise<string>
  /** Saves a change and sends the token if needed. If it throws, nothing has changed. */
  commit: (context: SessionContext, kind: ActivityKind, prepare: Prepare) => MaybePromise<unknown>
  /** Renews a session on a read, if that is due. `write` commits it in series with its other writes. */
  renew: (context: SessionContext, canSendToken: boolean, write: WriteRenewal) => MaybePromise<RejectReason | undefined>
  /** The reason if a write failed because the session has ended. */
  rejectionOf: (context: SessionContext, error: unknown) => RejectReason | undefined
  /** Whether a write that failed is complete but for the end of the old id, whose outcome is unknown. */
  isUncertain: (error: unknown) => boolean
  /** Throws if the session's id was replaced, or its key is not proven yet, and the write is no login. Unset if ids are not replaced. */
  assertNotReplaced?: (context: SessionContext, isLogin: boolean) => void
  /** Calls the hooks of other sessions that a write has ended. Unset if writes end none. */
  callEndedHooks?: (context: SessionContext, trace: string | undefined) => Promise<void>
}

export interface StorePersistence extends Persistence {
  readonly store: SessionStore
}

/** Without `transport`, the token is not a request's own. */
export interface FindContext extends Pick<SessionContext, 'config' | 'store'>, Partial<Pick<SessionContext, 'transport' | 'state'>> {
  env: Pick<SessionEnvironment, 'hash' | 'now'>
  /** The browser is about to prove its key, so it need not have done it before. */
  isProving?: boolean
}

export interface FoundSession extends OpenedSession {
  stored?: StoredState
  migrating?: MigratingState
  /** Of a bound session: the proof of its key. */
  proof?: RequestProof
}

/** Changes the session before its commit; returns `'skip'` to commit nothing. Runs again after a conflict. */
export type Prepare = () => MaybePromise<unknown>

/** Commits a renewal. @returns the reason if the session has ended */
export type WriteRenewal = (context: SessionContext, kind: 'update' | 'renew') => Promise<RejectReason | undefined>

export function newId({ env, config }: SessionContext): string {
  return config.generateId?.() ?? env.generateId()
}

/** Replaces the session by a new one that no client has. */
export function startNew(context: SessionContext): void {
  const { env, transport, state } = context
  state.isNew = true
  state.isCommitted = false
  state.isCleared = false
  state.setRecord(transport, { id: newId(context), createdAt: env.now(), data: {} })
}

/** Replaces the session by an empty one. The next write starts a new session. */
export function startCleared(context: SessionContext): void {
  startNew(context)
  context.state.isCleared = true
}

/** What happened to a session. `renew` is a commit that changes only the idle time or the seal. */
export type ActivityKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'renew' | 'reject'

/** `absent`: a request came without a token. `revoke`: a login ended this session of its user. `fail`: a read or a write failed. `deny`: a route required another session. */
export interface SessionActivity {
  kind: ActivityKind | 'absent' | 'revoke' | 'fail' | 'deny'
  context: SessionContext
  /** For `reject`. */
  reason?: RejectReason
  /** For the reason `unproven`. */
  failure?: ProofFailure
  /** For `fail` and `deny`. */
  error?: unknown
  /** For `deny`: the required age of the login, in seconds. */
  maxAuthAge?: number
  /** The stack of the call, if it is known. */
  trace?: string
  /** For the `fail` of a write: the data that could not be written. */
  data?: SessionDataShape
}
