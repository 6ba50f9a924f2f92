import type { SessionHost } from '../../adapters/shared/host'
import { clientRouteOf } from '../../core/config/client-route'
import type { ObservedMessage } from './messages'

/** Whether a request is a call of `useClientSession().clear()` in a browser: to the module's own route. */
export function isClientCall({ method, path }: Pick<ObservedMessage, 'method' | 'path'>, host: Pick<SessionHost, 'sessionConfig'>): boolean {
  const route = clientRouteOf(host.sessionConfig())
  // h3 2 includes the base path of the app.
  return route !== false && method === 'DELETE' && path.endsWith(route)
}
