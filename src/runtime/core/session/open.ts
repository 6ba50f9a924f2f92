import { checkSessionCaches, describeEntries } from './cached-routes/loaded'
import { isNewInCache } from './cached-routes/private'
import { readToken } from './token'
import type { Transport } from './transport'
import type { ResolvedConfig, Siblings } from '../config/types'
import { SessionContext } from './context'
import type { Persistence, SessionEnvironment } from './context'
import { configInvalid, SessionError } from '../model/errors'
import { loadSession } from './load'
import { orUndo } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import { SessionState } from './state'
import { cookiePersistence } from './persistence/cookie'
import { persistenceOf } from './persistence/modes'
import { initialize } from './transaction'

/**
 * How a call opens a session. `create` sends a new visitor the session's cookie if `saveUninitialized` is on, `open` does
 * not. `preload` opens it before the response depends on it; {@link use} marks that later.
 */
export type Opening = 'create' | 'open' | 'preload'

/**
 * Opens a request's session. All calls share one load. Synchronous if the seal, the hooks and the store are.
 * @throws SESSION_CACHED_ROUTE, SESSION_STORE_UNAVAILABLE
 */
export function openSession(
  env: SessionEnvironment, transport: Transport, config: ResolvedConfig, siblings: Siblings, opening: Opening,
): MaybePromise<SessionContext> {
  const checking = checkSessionCaches(transport, config, env.now())
  return checking ? checking.then(openChecked.bind(undefined, env, transport, config, siblings, opening)) : openChecked(env, transport, config, siblings, opening)
}

function openChecked(
  env: SessionEnvironment, transport: Transport, config: ResolvedConfig, siblings: Siblings, opening: Opening,
): MaybePromise<SessionContext> {
  const persistence = transport.writeRefusal() === 'prerender' ? cookiePersistence : persistenceOf(env, config)
  return persistence instanceof Promise
    ? persistence.then(openKept.bind(undefined, env, transport, config, siblings, opening))
    : openKept(env, transport, config, siblings, opening, persistence)
}

function openKept(
  env: SessionEnvironment, transport: Transport, config: ResolvedConfig, siblings: Siblings, opening: Opening, persistence: Persistence,
): MaybePromise<SessionContext> {
  const { name } = config
  const storage = persistence.store && config.storage
  const latest = transport.states[name]
  const existing = latest && loadedState(env, transport, latest)
  const state = existing ?? new SessionState(name, storage, latest?.transport === 'none' ? undefined : latest?.record)
  if (state.storage !== storage)
    throw configInvalid(`the session "${name}" has two different storages in one request. Give all calls the same storage, or different names.`)
  const context = new SessionContext(env, transport, config, state, siblings, persistence)
  if (!existing && transport.caches().length > 0 && !readToken(transport, config)) return presentAnonymous(context, opening)
  const loading = existing ? existing.loading : startLoading(context)
  // The call that starts the load is never inside its hooks.
  if (!loading || (existing && env.scope?.isInside(state))) return present(context, opening)
  const loaded = env.scope?.wait(state, () => loading) ?? loading
  return loaded.then(present.bind(undefined, context, opening))
}

/**
 * Returns the state of an earlier call, unless the session is to be loaded again.
 * @throws the error of a call that could not read the store, until `storeTimeout` has passed
 */
function loadedState(env: SessionEnvironment, transport: Transport, state: SessionState): SessionState | undefined {
  const { failure } = state
  if (isIdleSocket(transport, state)) return undefined
  if (failure === undefined) return state
  if (env.now() < failure.until) throw failure.error
}

/** An idle socket loads again at each call, since its session may have ended. */
function isIdleSocket(transport: Transport, { loading, lastWrite }: SessionState): boolean {
  return !loading && !lastWrite && transport.writeRefusal() === 'readonly'
}

function present(context: SessionContext, opening: Opening): MaybePromise<SessionContext> {
  followH3(context)
  if (!context.state.reportUnsaved) context.env.development?.watchData(context)
  if (isNewInCache(context)) return presentAnonymous(context, opening)
  const initializing = opening === 'create' && !context.state.isCommitted ? initialize(context) : undefined
  if (initializing) return initializing.then(use.bind(undefined, context))
  return opening === 'preload' ? context : use(context)
}

/** A request without a token in a cached handler gets an empty session of its own, which is never written. */
function presentAnonymous({ env, transport, config, siblings, persistence, state: { unchecked } }: SessionContext, opening: Opening): SessionContext {
  // The same token may have a session in the next request.
  if (unchecked) for (const cache of transport.caches()) cache.forbid()
  const state = new SessionState(config.name, config.storage, undefined, env.now())
  const context = new SessionContext(env, transport, config, state, siblings, persistence)
  return opening === 'preload' ? context : use(context)
}

/** Marks the response as dependent on the session. */
export function use(context: SessionContext): SessionContext {
  const { transport, config, state } = context
  if (config.cacheHeaders && !state.isAnonymous) transport.markPrivate(config.vary)
  void describeEntries(context)
  return context
}

function startLoading(context: SessionContext): Promise<void> | undefined {
  const { transport, state } = context
  transport.states[state.name] = state
  const loading = orUndo(context, loadSession, discardFailed)
  if (!(loading instanceof Promise)) return undefined
  return state.loading = loading.then(endLoading.bind(undefined, state))
}

function endLoading(state: SessionState): void {
  state.loading = undefined
}

/**
 * Discards a half-loaded session, so that the next call fails too: at once if the store is unavailable, because a page,
 * its guard and the error page would each wait for it. If the end of its old id is uncertain, the session is complete.
 */
function discardFailed(context: SessionContext, error: unknown): void {
  const { env, transport, config, state, persistence } = context
  env.observe?.({ kind: 'fail', context, error })
  // Another visitor, or this one a moment later, may get no error.
  if (config.cacheHeaders) transport.markPrivate(config.vary)
  state.loading = undefined
  if (persistence.isUncertain(error)) return
  if (error instanceof SessionError && error.code === 'SESSION_STORE_UNAVAILABLE') {
    const failed = transport.states[state.name] = new SessionState(state.name, state.storage)
    failed.failure = { error, until: env.now() + config.storeTimeout }
  }
  else { Reflect.deleteProperty(transport.states, state.name) }
  if (transport.sessions[state.name] === state.record) Reflect.deleteProperty(transport.sessions, state.name)
}
