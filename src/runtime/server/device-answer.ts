import { defaultNameOf } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import { answerDevice } from '../core/session/device/endpoint'
import { identifierOf } from '../core/device/instructions'
import { FailedAttempts } from '../core/device/failed-attempts'
import { firstForwarded } from '../adapters/shared/event'
import type { SessionEvent } from '../adapters/shared/event'
import type { DeviceEndpoint, SessionHost } from '../adapters/shared/host'
import { isThisHost } from '../adapters/shared/origin'
import { createEs256 } from './crypto/es256'
import { useEnvironment } from './environment'
import { isPlainDevelopment, resolvedConfig } from './open'

/**
 * Creates the function that answers a browser which registers its key, or renews its proof. One for the process.
 * The function throws an HTTP error with status 404 or 405; SESSION_STORE_UNAVAILABLE
 */
export function createAnswer(): DeviceEndpoint['answer'] {
  const verify = createEs256()
  const attempts = new FailedAttempts()
  return async (event, step, { name, session }) => {
    const env = useEnvironment()
    if (env.host.methodOf(event) !== 'POST') throw env.host.createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Use POST.')
    const config = configOf(event, name, env.host)
    if (config?.storage === undefined) throw env.host.createHttpError(404, 'SESSION_NOT_BOUND', 'Sessions are not bound to devices here.')
    const transport = env.host.transportOf(event)
    const { status, body, ...activity } = await answerDevice({
      step,
      env,
      transport,
      config,
      verify,
      attempts,
      persistence: await env.persistenceOf(config),
      identifier: identifierOf(config.name, firstForwarded(transport, 'x-forwarded-host') ?? transport.requestHeader('host'), transport.requestHeader('sec-secure-session-id')),
      named: typeof session === 'string' ? session : undefined,
      isOwnAudience: audience => URL.canParse(audience) && isThisHost(new URL(audience).origin, transport),
    })
    env.observeDevice?.({ event, config, ...activity })
    return { status, body }
  }
}

function configOf(event: SessionEvent, name: unknown, host: SessionHost): ResolvedConfig | undefined {
  if (name === undefined) return resolvedConfig(event)
  const runtime = host.sessionConfig(event)
  const isKnown = name === defaultNameOf(runtime, isPlainDevelopment(event)) || Object.keys(runtime?.named ?? {}).includes(String(name))
  return isKnown ? resolvedConfig(event, { name: String(name) }) : undefined
}
