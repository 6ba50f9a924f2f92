import { clientRouteOf } from '../core/config/client-route'
import type { DeviceEndpoint } from '../adapters/shared/host'
import type { ServerEnvironment } from './environment'
import { lazily } from '../core/utils/lazily'

/** Apps that no browser asks never load its code. */
const answer = lazily<Parameters<DeviceEndpoint['answer']>, Awaited<ReturnType<DeviceEndpoint['answer']>>>(async () => (await import('./device-answer')).answer)

/** Creates the endpoint of browsers that bind sessions. It also serves sessions that were bound before the option was switched off. */
export function createDeviceEndpoint({ host }: ServerEnvironment): DeviceEndpoint {
  const route = clientRouteOf(host.sessionConfig())
  return {
    route: route === false ? false : `${route.replace(/\/$/, '')}/device`,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    answer,
  }
}
