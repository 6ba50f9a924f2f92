import { SessionError } from '../../core/errors'

/** Which sessions an administration call is about. */
export interface SessionFilter {
  userId?: string
  limit?: number
  cursor?: string
}

/** Lists stored sessions. @throws SESSION_STORE_REQUIRED: sessions in cookies are known to their browsers only */
export const listSessions = async (_filter?: SessionFilter, _options?: object): Promise<never> => refuse('listSessions')

/** Counts stored sessions. @throws SESSION_STORE_REQUIRED: sessions in cookies are known to their browsers only */
export const countSessions = async (_filter?: SessionFilter, _options?: object): Promise<never> => refuse('countSessions')

/** Ends a stored session. @throws SESSION_STORE_REQUIRED: a cookie cannot be taken back */
export const revokeSession = async (_session: string | object, _options?: object): Promise<never> => refuse('revokeSession')

/** Ends a user's stored sessions. @throws SESSION_STORE_REQUIRED: a cookie cannot be taken back */
export const revokeUserSessions = async (_userId: string, _options?: object): Promise<never> => refuse('revokeUserSessions')

function refuse(name: string): never {
  throw new SessionError('SESSION_STORE_REQUIRED',
    `${name}() needs sessions in a store, and this version keeps them in cookies only. End a session with clear() in a request of its own browser.`)
}
