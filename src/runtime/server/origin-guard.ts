import { isSocket } from '../adapters/shared/event'
import type { SessionEvent } from '../adapters/shared/event'
import type { OriginGuard, SessionHost } from '../adapters/shared/host'
import { originOf } from '../adapters/shared/origin'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'
import type { ServerEnvironment } from './environment'

/**
 * Creates the guard of `crossOrigin: 'refuse'`, which an adapter asks about each state-changing request; `undefined` if
 * it is off. @throws SESSION_CONFIG_INVALID
 */
export function createOriginGuard({ host, configs }: ServerEnvironment): OriginGuard | undefined {
  const atStart = HAS_ENVIRONMENT_AT_START ? configs.originsOf(host.sessionConfig()) : undefined
  if (host.isPrerendering || atStart?.isGuarded === false) return undefined
  return (event, ruleOf) => {
    const { isGuarded, trusted } = atStart ?? configs.originsOf(host.sessionConfig(event))
    const isRefused = isGuarded && originOf(host.transportOf(event), trusted) === 'foreign' && ruleOf()?.crossOrigin !== 'allow'
    return isRefused ? foreignOrigin(host, event) : undefined
  }
}

/** The error for a request of another origin. */
export function foreignOrigin(host: SessionHost, event: SessionEvent): Error {
  const error = host.createHttpError(403, 'SESSION_FOREIGN_ORIGIN', 'This request comes from another origin.')
  // crossws sends this response in place of the upgrade.
  return isSocket(event) ? Object.assign(error, { response: Response.json(error, { status: 403 }) }) : error
}
