import { deviceRouteOf } from '../core/config/client-route'
import { lazily } from '../core/utils/lazily'
import type { DeviceEndpoint } from '../adapters/shared/host'
import type { ServerEnvironment } from './environment'

/** Creates the endpoint of browsers that bind sessions. It also serves sessions that were bound before the option was switched off. */
export function createDeviceEndpoint({ host }: ServerEnvironment): DeviceEndpoint {
  return {
    route: deviceRouteOf(host.sessionConfig()),
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    // Apps that no browser asks never load its code.
    answer: lazily(async () => (await import('./device-answer')).createAnswer()),
  }
}
