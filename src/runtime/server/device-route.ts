import { clientRouteOf } from '../core/config/client-route'
import { defaultNameOf } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import type { DeviceStep } from '../core/device/instructions'
import type { SessionEvent } from '../adapters/shared/event'
import type { DeviceEndpoint } from '../adapters/shared/host'
import type { ServerEnvironment } from './environment'
import { lazily } from '../core/utils/lazily'
import { isPlainDevelopment, resolvedConfig } from './open'

type Answer = Awaited<ReturnType<DeviceEndpoint['answer']>>

/** Apps without stored sessions never load its code. */
const answerStored = lazily<[SessionEvent, DeviceStep, ResolvedConfig], Answer>(async () => (await import('./device-answer')).answer)

/** Creates the endpoint of browsers that bind sessions. It also serves sessions that were bound before the option was switched off. */
export function createDeviceEndpoint({ host }: ServerEnvironment): DeviceEndpoint {
  const route = clientRouteOf(host.sessionConfig())
  return {
    route: route === false ? false : `${route.replace(/\/$/, '')}/device`,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    async answer(event, step, { name }) {
      if (host.methodOf(event) !== 'POST') throw host.createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Use POST.')
      const runtime = host.sessionConfig(event)
      const isKnown = name === undefined || name === defaultNameOf(runtime, isPlainDevelopment(event)) || Object.keys(runtime?.named ?? {}).includes(String(name))
      const config = isKnown ? resolvedConfig(event, name === undefined ? undefined : { name: String(name) }) : undefined
      if (config?.storage === undefined) throw host.createHttpError(404, 'SESSION_NOT_BOUND', 'Sessions are not bound to devices here.')
      return answerStored(event, step, config)
    },
  }
}
