import type { Carrier } from './carrier'
import type { ResolvedConfig } from './config'
import type { SessionContext, SessionEnvironment, Siblings } from './context'
import { configInvalid } from './cookie-rules'
import { loadSession } from './load'
import type { MaybePromise } from './maybe-promise'
import { assertPrivate } from './private'
import { followShared } from './shared'
import { SessionState } from './state'
import { initialize } from './transaction'

export interface OpenOptions {
  /** The app's other sessions. */
  siblings: Siblings
  /** Whether a new visitor gets the session's cookie, as far as the configuration says so. */
  isInitialized: boolean
}

/**
 * The request's session by name: read once, shared by all who ask, also at the same time. It is there at once
 * where neither the seal nor a hook has to be waited for.
 *
 * @throws SESSION_CACHED_ROUTE, SESSION_STORE_UNAVAILABLE
 */
export function openSession(
  env: SessionEnvironment, carrier: Carrier, config: ResolvedConfig, { siblings, isInitialized }: OpenOptions,
): MaybePromise<SessionContext> {
  const store = config.storage === undefined || carrier.isPrerendering() ? undefined : env.storeOf(config)
  const existing = presentState(carrier, config.name)
  const state = existing ?? new SessionState(config.name, store)
  if (state.store !== store)
    throw configInvalid(`the session "${config.name}" is kept in two places in one request. Give all calls the same storage, or each its own name.`)
  const context = { env, carrier, config, state, store, siblings }
  assertPrivate(context)
  const loading = existing ? existing.loading : startLoading(context)
  return loading && !env.scope.isInside(state)
    ? loading.then(() => present(context, isInitialized))
    : present(context, isInitialized)
}

/** A socket lives long: whether its session still does is asked each time that nothing is under way. */
function presentState(carrier: Carrier, name: string): SessionState | undefined {
  const state = carrier.states.get(name)
  const isIdle = state && !state.loading && !state.lastWrite
  return isIdle && carrier.writeRefusal() === 'readonly' ? undefined : state
}

function present(context: SessionContext, isInitialized: boolean): MaybePromise<SessionContext> {
  followShared(context)
  const initializing = isInitialized ? initialize(context) : undefined
  return initializing ? initializing.then(() => markPrivate(context)) : markPrivate(context)
}

function markPrivate(context: SessionContext): SessionContext {
  const { carrier, config } = context
  if (config.cacheHeaders) carrier.markPrivate(config.vary)
  return context
}

/** What has to be waited for, if anything. */
function startLoading(context: SessionContext): Promise<void> | undefined {
  const { carrier, state } = context
  carrier.states.set(state.name, state)
  try {
    const loading = loadSession(context)
    if (!(loading instanceof Promise)) return undefined
    state.loading = loading.then(
      () => { state.loading = undefined },
      error => forget(context, error),
    )
    return state.loading
  }
  catch (error) {
    forget(context, error)
  }
}

/** The next call meets the same error, not half a session. */
function forget({ carrier, state }: SessionContext, error: unknown): never {
  carrier.states.delete(state.name)
  if (carrier.sessions[state.name] === state.record) Reflect.deleteProperty(carrier.sessions, state.name)
  throw error
}
