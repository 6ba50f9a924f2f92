import { configInvalid, SealRejectedError } from '../../core/model/errors'
import { createManager, regenerate, updateData } from '../../core/session/manager'
import { andThen, attempt } from '../../core/utils/maybe-promise'
import type { MaybePromise } from '../../core/utils/maybe-promise'
import { clear } from '../../core/session/transaction'
import { assertNotNewInCache } from '../../core/session/cached-routes/private'
import { openSealed } from '../../core/session/persistence/modes'
import type {
  RegenerateOptions, ResolveSessionData, Session, SessionConfig, SessionDataShape, SessionManager, SessionUpdate,
} from '../../core/model/types'
import type { SessionEvent } from '../../adapters/shared/event'
import { useEnvironment } from '../environment'
import { openEvent, optionsOf } from '../open'

const DATA_AS_CONFIG = 'updateSession() got no data. Its second argument is the configuration: updateSession(event, undefined, { theme: "dark" }), or (await useSession(event)).update({ theme: "dark" }).'

const OPTIONS_AS_CONFIG = 'regenerateSession() got its options as the second argument, which is the configuration. Write regenerateSession(event, undefined, { userId: user.id }), or (await useSession(event)).regenerate({ userId: user.id }).'

/** A call's options; its `name` decides the type of the data. */
export type SessionCallConfig<Name extends string = string> = SessionConfig & { name?: Name }

/**
 * Returns the request's session. Options come from the call, else from `runtimeConfig.session`.
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID, SESSION_CACHED_ROUTE, and
 * with a store SESSION_STORE_UNAVAILABLE
 */
export function useSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>,
): Promise<SessionManager<ResolveSessionData<T, Name>>> {
  return attempt(openManager<ResolveSessionData<T, Name>>, event, config)
}

// A separate function, because a closure would take memory in each request.
function openManager<T>(event: SessionEvent, config: SessionConfig | undefined): MaybePromise<SessionManager<T>> {
  return andThen(openEvent(event, config), createManager<T>)
}

/** Returns the request's session as a plain object: `{ id, createdAt, data }`. @throws as `useSession` */
export async function getSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const { state } = await openEvent(event, config)
  return state.record as Session<ResolveSessionData<T, Name>>
}

/**
 * Merges `update` into the session's data and commits. Pass `undefined` for no options.
 * @throws as `useSession` and the manager's `update`, and SESSION_CONFIG_INVALID if the update is in the place of the options
 */
export async function updateSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>, update?: SessionUpdate<ResolveSessionData<T, Name>>,
): Promise<Session<ResolveSessionData<T, Name>>>
export async function updateSession(
  event: SessionEvent, config?: SessionConfig, ...given: [update?: SessionUpdate<SessionDataShape>]
): Promise<Session<SessionDataShape>> {
  // An update that is undefined changes nothing, as in h3.
  if (typeof config === 'function' || (given.length === 0 && config !== undefined && Object.keys(config).length > 0)) throw configInvalid(DATA_AS_CONFIG)
  const context = await openEvent(event, config, 'open')
  await updateData(context, given[0])
  return context.state.record
}

/**
 * Gives the session a new id and, if a user is given, binds it to the user, in one commit. Pass `undefined` for no config.
 * @throws as `useSession` and the manager's `regenerate`, and SESSION_CONFIG_INVALID if the options are in the place of the config
 */
export async function regenerateSession<T = never, Name extends string = string>(
  event: SessionEvent, config?: SessionCallConfig<Name>, options?: RegenerateOptions<ResolveSessionData<T, Name>>,
): Promise<Session<ResolveSessionData<T, Name>>> {
  if (config !== undefined && ['userId', 'data', 'keepData'].some(key => Object.hasOwn(config, key))) throw configInvalid(OPTIONS_AS_CONFIG)
  const context = await openEvent(event, config, 'open')
  await regenerate(context, options as RegenerateOptions<SessionDataShape>)
  return context.state.record as Session<ResolveSessionData<T, Name>>
}

/** Removes the session's data and its cookie. @throws as `useSession` and the manager's `clear` */
export async function clearSession(event: SessionEvent, config?: SessionConfig): Promise<void> {
  await clear(await openEvent(event, config, 'open'))
}

/** Returns the session as a seal, as in the cookie or the header. @throws as `useSession` and the manager's `update` */
export async function sealSession(event: SessionEvent, config?: SessionConfig): Promise<string> {
  const context = await openEvent(event, config)
  // All visitors would get the same seal in a cached response.
  assertNotNewInCache(context)
  // The seal of a stored session is of no use until the session is stored.
  const { canEndIds, isStored, seal } = context.persistence
  if (canEndIds && !isStored(context)) await updateData(context)
  return seal(context)
}

/**
 * Returns the session in a seal. Does not change the request's session.
 * @throws SESSION_STORE_UNAVAILABLE, and SealRejectedError with the `reason` if the seal is rejected
 */
export async function unsealSession<T = never, Name extends string = string>(
  event: SessionEvent, config: SessionCallConfig<Name> | undefined, sealed: string,
): Promise<Session<ResolveSessionData<T, Name>>> {
  const env = useEnvironment()
  const options = optionsOf(event, config)
  await options.checking
  const opened = await openSealed(env, String(sealed), options.config)
  if ('reason' in opened) throw new SealRejectedError(opened.reason)
  return opened.session as Session<ResolveSessionData<T, Name>>
}
