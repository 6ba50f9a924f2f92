import { describeEntries } from './cached-routes/cached-entry'
import { readToken } from './carried-token'
import type { Transport } from './transport'
import type { ResolvedConfig, Siblings } from '../config/types'
import { SessionContext } from './context'
import type { SessionEnvironment } from './context'
import { configInvalid } from '../model/errors'
import { loadSession } from './load'
import type { MaybePromise } from '../utils/maybe-promise'
import { checkCaches, isNewInCache } from './cached-routes/private'
import { sealText, unsealToken } from '../seal/seal'
import { followH3 } from './h3-bridge'
import { SessionState } from './state'
import { UncertainError } from './persistence/stored-entry'
import { initialize } from './transaction'

/** What a session is opened for. */
export interface Opening {
  /** Whether a new visitor gets the session's cookie, as far as the configuration says so. */
  isInitialized: boolean
  /** Whether the response depends on the session from now on. */
  isUsed: boolean
}

export const TO_USE: Opening = { isInitialized: true, isUsed: true }
/** Nobody gets a session by it: to write it, to end it, or to ask whether there is one. */
export const AS_IT_IS: Opening = { isInitialized: false, isUsed: true }
/** Whether the response will depend on it is not known yet: {@link use} says so. */
export const AHEAD: Opening = { isInitialized: false, isUsed: false }

/**
 * The request's session by name: read once, shared by all who ask, also at the same time. It is there at once
 * where neither the seal nor a hook has to be waited for.
 *
 * @throws SESSION_CACHED_ROUTE, SESSION_STORE_UNAVAILABLE
 */
export function openSession(
  env: SessionEnvironment, transport: Transport, config: ResolvedConfig, siblings: Siblings, opening: Opening,
): MaybePromise<SessionContext> {
  const asking = checkCaches(transport, config, token => reseal(token, config, env.now()))
  return asking
    ? asking.then(() => openAsked(env, transport, config, siblings, opening))
    : openAsked(env, transport, config, siblings, opening)
}

function openAsked(
  env: SessionEnvironment, transport: Transport, config: ResolvedConfig, siblings: Siblings, opening: Opening,
): MaybePromise<SessionContext> {
  const store = config.storage === undefined || transport.isPrerendering() ? undefined : env.storeOf(config)
  const existing = currentState(transport, config.name)
  const state = existing ?? new SessionState(config.name, store, earlierRecord(transport, config.name))
  if (state.store !== store)
    throw configInvalid(`the session "${config.name}" is kept in two places in one request. Give all calls the same storage, or each its own name.`)
  const context = new SessionContext(env, transport, config, state, store, siblings)
  if (!existing && transport.caches().length > 0 && !readToken(transport, config)) return presentAnonymous(context, opening)
  const loading = existing ? existing.loading : startLoading(context)
  // Who starts the loading is in none of its hooks, also where hooks cannot be followed.
  return loading && !(existing && env.scope.isInside(state))
    ? loading.then(() => present(context, opening))
    : present(context, opening)
}

async function reseal(token: string, config: ResolvedConfig, now: number): Promise<string | undefined> {
  const opened = await unsealToken(token, config, now)
  return opened.ok ? sealText(opened.text, opened.expiration, config, now) : undefined
}

/** A socket lives long: whether its session still does is asked each time that nothing is under way. */
function currentState(transport: Transport, name: string): SessionState | undefined {
  const state = transport.states[name]
  const isIdle = state && !state.loading && !state.lastWrite
  return isIdle && transport.writeRefusal() === 'readonly' ? undefined : state
}

/** What a token was at the last look. It may have ended since. */
function earlierRecord({ states }: Transport, name: string): SessionState['earlier'] {
  const state = states[name]
  return state?.origin === 'none' ? undefined : state?.record
}

function present(context: SessionContext, opening: Opening): MaybePromise<SessionContext> {
  followH3(context)
  if (isNewInCache(context)) return presentAnonymous(context, opening)
  const { isInitialized, isUsed } = opening
  const initializing = isInitialized ? initialize(context) : undefined
  if (initializing) return initializing.then(() => use(context))
  return isUsed ? use(context) : context
}

/**
 * The session of a request that brings none, inside a cached handler: empty, and never written. The state of the
 * request stays as it is, since a route around the cached one may begin a session.
 */
function presentAnonymous({ env, transport, config, store, siblings }: SessionContext, { isUsed }: Opening): SessionContext {
  const state = new SessionState(config.name, store, undefined, env.now())
  const context = new SessionContext(env, transport, config, state, store, siblings)
  return isUsed ? use(context) : context
}

/** Says that the response depends on the session. */
export function use(context: SessionContext): SessionContext {
  const { transport, config, state } = context
  if (config.cacheHeaders && !state.isAnonymous) transport.markPrivate(config.vary)
  describeEntries(context)
  return context
}

/** What has to be waited for, if anything. */
function startLoading(context: SessionContext): Promise<void> | undefined {
  const { transport, state } = context
  transport.states[state.name] = state
  try {
    const loading = loadSession(context)
    if (!(loading instanceof Promise)) return undefined
    state.loading = loading.then(
      () => { state.loading = undefined },
      (error) => {
        state.loading = undefined
        forget(context, error)
      },
    )
    return state.loading
  }
  catch (error) {
    forget(context, error)
  }
}

/** The next call meets the same error, not half a session. One that moved into the store is whole. */
function forget({ transport, state }: SessionContext, error: unknown): never {
  if (error instanceof UncertainError) throw error
  Reflect.deleteProperty(transport.states, state.name)
  if (transport.sessions[state.name] === state.record) Reflect.deleteProperty(transport.sessions, state.name)
  throw error
}
