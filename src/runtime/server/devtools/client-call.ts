import type { SessionHost } from '../../adapters/shared/host'
import { clientRouteOf } from '../../core/config/client-route'
import type { ObservedMessage } from './messages'

/** Whether a request is a call of `useClientSession().clear()` in a browser: to the module's own route. */
export function isClientCall({ method, path }: Pick<ObservedMessage, 'method' | 'path'>, { sessionConfig, basePath }: Pick<SessionHost, 'sessionConfig' | 'basePath'>): boolean {
  const route = clientRouteOf(sessionConfig())
  // h3 2 includes the base path of the app, h3 1 does not.
  return route !== false && method === 'DELETE' && (path === route || path === basePath + route)
}
