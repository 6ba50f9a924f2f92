import { assertOptions } from '../../core/config/option-keys'
import { toBoolean } from '../../core/config/parse'
import { configInvalid, showValue } from '../../core/model/errors'
import { createManager } from '../../core/session/manager'
import type { ResolveSessionData, SessionManager } from '../../core/model/types'
import type { SessionEvent } from '../../adapters/shared/event'
import type { HttpErrorCode } from '../../adapters/shared/host'
import { isSameOrigin } from '../../adapters/shared/origin'
import { watchGuard } from '../../adapters/shared/watch-guard'
import { useEnvironment } from '../environment'
import { openEvent } from '../open'
import { foreignOrigin } from '../foreign-origin'
import type { SessionCallConfig } from './session'

/** The requirements of a route for the session of its request. */
export interface RequireSessionOptions<Name extends string = string> {
  /** Requires a session that is bound to a user. */
  userId?: true
  /** Requires a login at most this many seconds ago, for sensitive actions (ASVS 7.5.1). */
  maxAuthAge?: number
  /** Requires a session that is bound to the browser's key; see the option `deviceBound`. */
  deviceBound?: true
  /** Requires a request from a page of this origin, or of one in `trustedOrigins` (ASVS 3.5.1). */
  sameOrigin?: true
  /** The session's options. */
  config?: SessionCallConfig<Name>
}

const REQUIRE_KEYS = { userId: '', maxAuthAge: '', deviceBound: '', sameOrigin: '', config: '' } satisfies Record<keyof RequireSessionOptions, ''>
const REQUIRE_HINT = { of: 'requireSession()', example: '{ userId: true }', hint: 'Options of the session go into "config": { config: { name: "admin" } }.' }

/**
 * Returns the existing session or throws 401. Never creates one.
 * @throws an HTTP error with status 401 and `data.code` `SESSION_REQUIRED` without such a session, or
 * `SESSION_REAUTHENTICATION_REQUIRED` if the login is older than `maxAuthAge`, or `SESSION_DEVICE_REQUIRED` if it is not
 * bound to a browser's key; 403 and `SESSION_FOREIGN_ORIGIN` for a request from another origin; SESSION_CONFIG_INVALID
 * for an unknown option, because a requirement without effect would let everybody in; and as `useSession`
 */
export function requireSession<T = never, Name extends string = string>(
  event: SessionEvent, options: RequireSessionOptions<Name> & { userId: true },
): Promise<SessionManager<ResolveSessionData<T, Name>> & { readonly userId: string }>
export function requireSession<T = never, Name extends string = string>(
  event: SessionEvent, options?: RequireSessionOptions<Name>,
): Promise<SessionManager<ResolveSessionData<T, Name>>>
export function requireSession<T>(event: SessionEvent, options: RequireSessionOptions = {}): Promise<SessionManager<T>> {
  const { warnOnce, trace } = useEnvironment()
  return watchGuard(event, check<T>(event, options, trace?.()), () => warnOnce(FORGOTTEN))
}

const FORGOTTEN = 'A route called requireSession() without "await". Write "await requireSession(event)". The response waits for the check, and fails if the check fails, but the route runs before that for all visitors.'

async function check<T>(event: SessionEvent, options: RequireSessionOptions, trace: string | undefined): Promise<SessionManager<T>> {
  assertRequirement(options)
  const { host, configs, observe } = useEnvironment()
  if (options.sameOrigin) {
    const { trusted } = configs.originsOf(host.sessionConfig(event))
    if (!isSameOrigin(host.transportOf(event), host.methodOf(event), trusted)) throw foreignOrigin(host, event)
  }
  const context = await openEvent(event, options.config, 'open')
  const session = createManager<T>(context)
  const denial = denialOf(session, options, context.env.now())
  if (denial === undefined) return session
  const error = host.createHttpError(401, ...denial)
  observe?.({ kind: 'deny', context, error, maxAuthAge: options.maxAuthAge, trace })
  throw error
}

function denialOf(session: SessionManager<unknown>, { userId, maxAuthAge, deviceBound }: RequireSessionOptions, now: number): [code: HttpErrorCode, message: string] | undefined {
  const isBegunHere = session.isNew && session.userId === undefined
  if (isBegunHere || session.id === undefined || (userId && session.userId === undefined)) return ['SESSION_REQUIRED', 'Log in first.']
  if (maxAuthAge !== undefined && !(now - (session.authenticatedAt ?? -Infinity) <= maxAuthAge * 1000))
    return ['SESSION_REAUTHENTICATION_REQUIRED', 'Log in again.']
  if (deviceBound && !session.deviceBound) return ['SESSION_DEVICE_REQUIRED', 'Log in with a browser that binds the session to its device.']
}

function assertRequirement(options: RequireSessionOptions): void {
  assertOptions(options, REQUIRE_KEYS, REQUIRE_HINT)
  const { userId = true, deviceBound = true, sameOrigin = true, maxAuthAge = 0 } = options
  if (typeof userId !== 'boolean')
    throw configInvalid(`requireSession() got userId ${showValue(userId)}. Write userId: true, which requires any logged-in user, then compare session.userId.`)
  toBoolean(sameOrigin, 'sameOrigin')
  toBoolean(deviceBound, 'deviceBound')
  if (typeof maxAuthAge !== 'number') throw configInvalid(`maxAuthAge ${showValue(maxAuthAge)} must be a number of seconds, such as 600.`)
}
