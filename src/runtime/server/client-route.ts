import { clientRouteOf } from '../core/config/client-route'
import type { ClientEndpoint } from '../adapters/shared/host'
import type { ServerEnvironment } from './environment'
import { lazily } from '../core/utils/lazily'

const METHODS = ['GET', 'HEAD', 'DELETE']

const answerAllowed: ClientEndpoint['answer'] = lazily(async () => (await import('./client-answer')).answer)

/** Creates the endpoint of `useClientSession`. The environment can set its path at server start. */
export function createClientEndpoint({ host }: ServerEnvironment): ClientEndpoint {
  return {
    route: clientRouteOf(host.sessionConfig()),
    headersFor,
    async answer(event, method, query) {
      if (!METHODS.includes(method)) throw host.createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Use GET or DELETE.')
      return answerAllowed(event, method, query)
    },
  }
}

function headersFor(method: string): Record<string, string> {
  return {
    // Even if `cacheHeaders` is off: the response must not be cached.
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...!METHODS.includes(method) && { allow: METHODS.join(', ') },
  }
}
