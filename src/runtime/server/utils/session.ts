import { SealRefusedError } from '../../core/model/errors'
import { createManager } from '../../core/session/manager'
import { andThen, attempt } from '../../core/utils/maybe-promise'
import type { MaybePromise } from '../../core/utils/maybe-promise'
import { OPEN_ONLY } from '../../core/session/open'
import { clear, regenerate, updateData } from '../../core/session/operations'
import { assertNotNewInCache } from '../../core/session/cached-routes/private'
import { persistenceOf } from '../../core/session/persistence/modes'
import { openSealed } from '../../core/session/persistence/open-sealed'
import type {
  RegenerateOptions, ResolveSessionData, Session, SessionConfig, SessionDataShape, SessionManager, SessionUpdate,
} from '../../core/model/types'
import type { SessionEvent } from '../../adapters/shared/event'
import { useEnvironment } from '../environment'
import { eventConfig, openEvent } from '../open'

/** A call's options; its `name` decides the type of the data. */
export type SessionCallConfig<Name extends string = string> = SessionConfig & { name?: Name }

/**
 * The request's session. Options come from the call, else from `runtimeConfig.session`.
 *
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID, SESSION_CACHED_ROUTE
 */
export function useSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>,
): Promise<SessionManager<ResolveSessionData<T, Name>>> {
  return attempt(openManager<ResolveSessionData<T, Name>>, event, config)
}

// A function of its own: a closure in each call would be memory of each request.
function openManager<T>(event: SessionEvent, config: SessionConfig | undefined): MaybePromise<SessionManager<T>> {
  return andThen(openEvent(event, config), createManager<T>)
}

/** The request's session as it is sealed: `{ id, createdAt, data }`. */
export async function getSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const { state } = await openEvent(event, config)
  return state.record as Session<ResolveSessionData<T, Name>>
}

/** Merges `update` into the session's data and commits. Pass `undefined` for no options. */
export async function updateSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>, update?: SessionUpdate<ResolveSessionData<T, Name>>,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const context = await openEvent(event, config, OPEN_ONLY)
  await updateData(context, update as SessionUpdate<SessionDataShape>)
  return context.state.record as Session<ResolveSessionData<T, Name>>
}

/** Gives the session a new id, and binds it to a user where one is given, in one commit. */
export async function regenerateSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>, options?: RegenerateOptions<ResolveSessionData<T, Name>>,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const context = await openEvent(event, config, OPEN_ONLY)
  await regenerate(context, options as RegenerateOptions<SessionDataShape>)
  return context.state.record as Session<ResolveSessionData<T, Name>>
}

/** Removes the session's data and its cookie. */
export async function clearSession(event: SessionEvent, config?: SessionConfig): Promise<void> {
  await clear(await openEvent(event, config, OPEN_ONLY))
}

/** The session as a seal, as the cookie or the header carries it. */
export async function sealSession(event: SessionEvent, config?: SessionConfig): Promise<string> {
  const context = await openEvent(event, config)
  // In a cached answer, all visitors would share the seal.
  assertNotNewInCache(context)
  // A seal that only names a session is worth nothing until it lies in the store.
  const { canEndIds, isStored, seal } = persistenceOf(context)
  if (canEndIds && !isStored(context)) await updateData(context)
  return seal(context)
}

/**
 * What a seal holds. The request's own session is not touched.
 * @throws SESSION_STORE_UNAVAILABLE, and SealRefusedError with the `reason` where the seal is no session
 */
export async function unsealSession<T = never, Name extends string = string>(
  event: SessionEvent, config: SessionCallConfig<Name> | undefined, sealed: string,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const env = useEnvironment()
  const opened = await openSealed(env, String(sealed), eventConfig(event, config))
  if ('reason' in opened) throw new SealRefusedError(opened.reason)
  return opened.session as Session<ResolveSessionData<T, Name>>
}
