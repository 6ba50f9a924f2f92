import { administratedStore, count, list, revoke, revokeUser } from '../../core/session/administration'
import type { SessionFilter, SessionPage } from '../../core/session/administration'
import { contextOf, forgetSession } from '../../core/session/manager'
import { updateData } from '../../core/session/operations'
import type { SessionManager } from '../../core/model/types'
import type { SessionEvent } from '../../adapters/shared/event'
import { useEnvironment } from '../environment'

export type { ListedSession, SessionFilter, SessionPage } from '../../core/session/administration'

/** Whose sessions an administration call is about; in a scheduled task there is no event. */
export interface AdministrationOptions {
  /** Where the runtime config is the event's: on Cloudflare. */
  event?: SessionEvent
  /** The session's name, for apps with several. @default the default one */
  name?: string
  /** The mount, in place of the configured one. */
  storage?: string | boolean
}

/** A session by its handle, or as a manager. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type NamedSession = string | SessionManager<any>

/** Lists stored sessions, a page at a time. @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE */
export async function listSessions(filter: SessionFilter = {}, options: AdministrationOptions = {}): Promise<SessionPage> {
  return list(placeOf('listSessions', options), filter)
}

/** Counts stored sessions. @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE */
export async function countSessions(filter: Pick<SessionFilter, 'userId'> = {}, options: AdministrationOptions = {}): Promise<number> {
  return count(placeOf('countSessions', options), filter)
}

/**
 * Ends a stored session at once, whatever is in flight.
 * @returns whether it was alive
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE
 */
export async function revokeSession(session: NamedSession, options: AdministrationOptions = {}): Promise<boolean> {
  // A manager's session lies where its own configuration says.
  const context = typeof session === 'string' ? undefined : contextOf(session)
  const place = context ? administratedStore(context.env, context.config, 'revokeSession') : placeOf('revokeSession', options)
  const handle = handleOf(session)
  const migrating = context?.state.migrating
  const isRevoked = handle !== undefined && (await revoke(place, handle, migrating?.until) || migrating !== undefined)
  if (typeof session !== 'string') forgetSession(session)
  return isRevoked
}

/**
 * Ends every session that was bound to the user before: "log out everywhere", and with `except` everywhere else.
 * @throws SESSION_STORE_REQUIRED, SESSION_STORE_UNAVAILABLE
 */
export async function revokeUserSessions(
  userId: string, { except, ...options }: AdministrationOptions & { except?: NamedSession } = {},
): Promise<void> {
  const context = typeof except === 'object' ? contextOf(except) : undefined
  const place = placeOf('revokeUserSessions', options)
  // A whole session that did not move into the store yet could not be told from those that end.
  if (context?.state.migrating) await updateData(context)
  await revokeUser(place, userId, handleOf(except))
}

function placeOf(call: string, { event, name, storage }: AdministrationOptions) {
  const env = useEnvironment()
  const { config } = env.configs.resolve({ name, storage }, env.host.sessionConfig(event))
  return administratedStore(env, config, call)
}

function handleOf(session: NamedSession | undefined): string | undefined {
  return typeof session === 'object' ? session.handle : session
}
