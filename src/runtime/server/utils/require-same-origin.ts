import type { SessionEvent } from '../../adapters/shared/event'
import { originOf } from '../../adapters/shared/origin'
import { useEnvironment } from '../environment'
import { foreignOrigin } from '../foreign-origin'

/**
 * Requires that a request of a browser comes from a page of this origin or of one in `trustedOrigins`, whatever its
 * method and with or without a session (ASVS 3.5.1). Needs no `await`. Also for the request of a WebSocket's upgrade.
 * @throws an HTTP error with status 403 and `data.code` `SESSION_FOREIGN_ORIGIN`
 */
export function requireSameOrigin(event: SessionEvent): void {
  const { host, configs } = useEnvironment()
  const { trusted } = configs.originsOf(host.sessionConfig(event))
  if (originOf(host.transportOf(event), trusted) === 'foreign') throw foreignOrigin(host, event)
}
