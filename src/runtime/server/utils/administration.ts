import { administratedStore, count, list, revoke, revokeAll, revokeUser } from '../../core/session/administration'
import type { SessionFilter, SessionPage } from '../../core/session/administration'
import { assertOptions } from '../../core/config/option-keys'
import { contextOf, forgetSession, updateData } from '../../core/session/manager'
import type { SessionManager } from '../../core/model/types'
import type { SessionContext } from '../../core/session/context'
import type { SessionEvent } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { useEnvironment } from '../environment'
import { resolvedConfig } from '../open'

export type { ListedSession, SessionFilter, SessionPage } from '../../core/session/administration'

/** Selects the store of an administration call. */
export interface AdministrationOptions {
  /** Only needed if the runtime config belongs to the event, as on Cloudflare. */
  event?: SessionEvent
  /** The session's name, for apps with several sessions. @default the default session */
  name?: string
  /** Another mount than the configured one. */
  storage?: string | boolean
}

/** A session's handle, or its manager. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type NamedSession = string | SessionManager<any>

/**
 * Lists stored sessions, a page at a time. While a session gets a new id, it may be listed under both.
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE, SESSION_CONFIG_INVALID if `userId` is not a non-empty string
 */
export async function listSessions(filter: SessionFilter = {}, options: AdministrationOptions = {}): Promise<SessionPage> {
  return list(await storeFor('listSessions', options), filter)
}

/**
 * Counts stored sessions.
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE, SESSION_CONFIG_INVALID if `userId` is not a non-empty string
 */
export async function countSessions(filter: Pick<SessionFilter, 'userId'> = {}, options: AdministrationOptions = {}): Promise<number> {
  return count(await storeFor('countSessions', options), filter)
}

/**
 * Ends a stored session at once. Requests in flight can no longer write it.
 * @returns whether it was alive
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE, SESSION_CONFIG_INVALID if it is not a handle, such as an id
 */
export async function revokeSession(session: NamedSession, options: AdministrationOptions = {}): Promise<boolean> {
  const { trace, observeRevocation } = useEnvironment()
  const stack = trace?.()
  // A manager has its own configuration, and so its own store.
  const context = typeof session === 'string' ? undefined : contextOf(session)
  // Before the first await: the session may change.
  const handle = handleOf(session)
  const migrating = context?.state.migrating
  const store = await (context ? administratedStore(context.env, context.config, 'revokeSession') : storeFor('revokeSession', options))
  const isRevoked = handle !== undefined && (await revoke(store, handle, migrating?.until) || migrating !== undefined)
  if (typeof session !== 'string') forgetSession(session)
  if (isRevoked) observeRevocation?.({ event: eventOf(context, options), config: store.config, handle, trace: stack })
  return isRevoked
}

/**
 * Ends all sessions of the user ("log out everywhere"), or with `except` all others ("log out everywhere else"). If
 * another request gives the excepted session a new id at the same moment, it may end too.
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE, SESSION_CONFIG_INVALID if `userId` is not a non-empty
 * string, or `except` is not a handle
 */
export async function revokeUserSessions(
  userId: string, { except, ...options }: AdministrationOptions & { except?: NamedSession } = {},
): Promise<void> {
  const { trace, observeRevocation } = useEnvironment()
  const stack = trace?.()
  const context = typeof except === 'object' ? contextOf(except) : undefined
  // The excepted session must be in the store, so a migrating session is stored first.
  if (context?.state.migrating) await updateData(context)
  const kept = handleOf(except)
  const store = await storeFor('revokeUserSessions', options)
  await revokeUser(store, userId, kept)
  observeRevocation?.({ event: eventOf(context, options), config: store.config, group: { userId, except: kept }, trace: stack })
}

const ADMINISTRATION_KEYS = { event: '', name: '', storage: '' } satisfies Record<keyof AdministrationOptions, ''>
const REVOKE_ALL_HINT = { of: 'revokeAllSessions()', example: '{ name: "cart" }', hint: 'revokeUserSessions(userId) ends the sessions of a user.' }

/**
 * Ends all sessions in the store at once, of all users and visitors; with a `name`, those of that name. For incidents.
 * @throws SESSION_CONFIG_INVALID for an option that does not exist, such as `userId`; SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE
 */
export async function revokeAllSessions(options: AdministrationOptions = {}): Promise<void> {
  assertOptions(options, ADMINISTRATION_KEYS, REVOKE_ALL_HINT)
  const { trace, observeRevocation } = useEnvironment()
  const stack = trace?.()
  const store = await storeFor('revokeAllSessions', options)
  await revokeAll(store, options.name)
  observeRevocation?.({ event: options.event, config: store.config, group: { name: options.name }, trace: stack })
}

function eventOf(context: SessionContext | undefined, { event }: AdministrationOptions): SessionEvent | undefined {
  return event ?? (context?.transport as EventTransport | undefined)?.event
}

function storeFor(call: string, { event, name, storage }: AdministrationOptions) {
  return administratedStore(useEnvironment(), resolvedConfig(event, { name, storage }), call)
}

function handleOf(session: NamedSession | undefined): string | undefined {
  return typeof session === 'object' ? session.handle : session
}
