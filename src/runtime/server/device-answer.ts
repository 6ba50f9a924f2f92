import type { ResolvedConfig } from '../core/config/types'
import { answerDevice } from '../core/session/device/endpoint'
import { identifierOf } from '../core/device/instructions'
import type { DeviceStep } from '../core/device/instructions'
import { firstForwarded } from '../adapters/shared/event'
import type { SessionEvent } from '../adapters/shared/event'
import { isThisHost } from '../adapters/shared/origin'
import { useEnvironment } from './environment'

/** Answers the request of a browser to register its key, or to renew its proof. @throws SESSION_STORE_UNAVAILABLE */
export async function answer(event: SessionEvent, step: DeviceStep, config: ResolvedConfig): Promise<{ status: number, body: object | undefined }> {
  const env = useEnvironment()
  const transport = env.host.transportOf(event)
  const { status, body, ...activity } = await answerDevice({
    env,
    transport,
    config,
    persistence: await env.persistenceOf(config),
    subtle: (config.crypto ?? globalThis.crypto).subtle,
    identifier: identifierOf(config.name, firstForwarded(transport, 'x-forwarded-host') ?? transport.requestHeader('host'), transport.requestHeader('sec-secure-session-id')),
    isOwnAudience: audience => URL.canParse(audience) && isThisHost(new URL(audience).origin, transport),
  }, step)
  env.observeDevice?.({ event, config, ...activity })
  return { status, body }
}
