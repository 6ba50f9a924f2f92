import { isSocket } from '../adapters/shared/event'
import type { SessionEvent } from '../adapters/shared/event'
import type { OriginGuard, SessionHost } from '../adapters/shared/host'
import { originOf } from '../adapters/shared/origin'

/** The error for a request of another origin, unless its route is exempt. */
export function refusalOf(host: SessionHost, trusted: ReadonlySet<string>, ...[event, ruleOf]: Parameters<OriginGuard>): Error | undefined {
  const isRefused = originOf(host.transportOf(event), trusted) === 'foreign' && ruleOf()?.crossOrigin !== 'allow'
  return isRefused ? foreignOrigin(host, event) : undefined
}

/** The error for a request of another origin. */
export function foreignOrigin(host: SessionHost, event: SessionEvent): Error {
  const error = host.createHttpError(403, 'SESSION_FOREIGN_ORIGIN', 'This request comes from another origin.')
  // crossws sends this response in place of the upgrade.
  return isSocket(event) ? Object.assign(error, { response: Response.json(error, { status: 403 }) }) : error
}
