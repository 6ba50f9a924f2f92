import type { Carrier } from './carrier'
import type { ResolvedConfig } from './config'
import type { SessionContext, SessionEnvironment, Siblings } from './context'
import { loadSession } from './load'
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
 * The request's session by name: read once, shared by all who ask, also at the same time.
 *
 * @throws SESSION_CACHED_ROUTE
 */
export async function openSession(
  env: SessionEnvironment, carrier: Carrier, config: ResolvedConfig, options: OpenOptions,
): Promise<SessionContext> {
  const existing = carrier.states.get(config.name)
  assertPrivate({ carrier, config, state: existing })
  const state = existing ?? new SessionState(config.name)
  const context = { env, carrier, config, state, siblings: options.siblings }
  if (!existing) startLoading(context)
  if (state.loading && !env.scope.isInside(state)) await state.loading
  followShared(context)
  if (options.isInitialized) await initialize(context)
  if (config.cacheHeaders) carrier.markPrivate(headersOf(config))
  return context
}

function startLoading(context: SessionContext): void {
  const { carrier, state } = context
  carrier.states.set(state.name, state)
  state.loading = loadSession(context).then(
    () => {
      state.loading = undefined
    },
    (error) => {
      // The next call meets the same error, not half a session.
      carrier.states.delete(state.name)
      if (carrier.sessions[state.name] === state.record) Reflect.deleteProperty(carrier.sessions, state.name)
      throw error
    },
  )
}

function headersOf(config: ResolvedConfig): string[] {
  return config.sessionHeader === false ? ['Cookie'] : ['Cookie', config.sessionHeader]
}
