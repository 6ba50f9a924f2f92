import { defaultNameOf } from '../core/config/resolve'
import type { ResolvedConfig } from '../core/config/types'
import { answerDevice } from '../core/session/device/endpoint'
import { identifierOf } from '../core/device/instructions'
import type { DeviceRequest } from '../core/session/device/request'
import { SessionError } from '../core/model/errors'
import { FailedAttempts } from '../core/device/failed-attempts'
import { firstForwarded } from '../adapters/shared/event'
import type { SessionEvent } from '../adapters/shared/event'
import type { DeviceEndpoint, SessionHost } from '../adapters/shared/host'
import { isThisHost } from '../adapters/shared/origin'
import { createEs256 } from './crypto/es256'
import { useEnvironment } from './environment'
import { isPlainDevelopment, resolvedConfig } from './open'

type Answer = Awaited<ReturnType<DeviceEndpoint['answer']>>

/**
 * Creates the function that answers a browser which registers its key, or renews its proof. One for the process.
 * The function throws an HTTP error with status 404 or 405.
 */
export function createAnswer(): DeviceEndpoint['answer'] {
  const verify = createEs256()
  const attempts = new FailedAttempts()
  return async (event, step, query) => {
    const { host } = useEnvironment()
    if (host.methodOf(event) !== 'POST') throw host.createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Use POST.')
    const answer = await answerRequest({ event, step, query, verify, attempts }).catch(error => logFailure(error, event))
    if (answer === undefined) throw host.createHttpError(404, 'SESSION_NOT_BOUND', 'Sessions are not bound to devices here.')
    return answer
  }
}

interface Asked extends Pick<DeviceRequest, 'step' | 'verify' | 'attempts'> {
  event: SessionEvent
  query: Record<string, unknown>
}

/** `undefined` if the sessions of this name have no store. */
async function answerRequest({ event, step, query: { name, session }, verify, attempts }: Asked): Promise<Answer | undefined> {
  const env = useEnvironment()
  const config = configOf(event, name, env.host)
  if (config?.storage === undefined) return undefined
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

/** The host would log the error with the request's URL, which contains a seal. At any status below 500, the browser would end the binding. */
function logFailure(error: unknown, event: SessionEvent): Answer {
  if (error instanceof Error) useEnvironment().observeFailure?.(error, event)
  console.error('[nuxt-h3-session] The endpoint of bound sessions failed.', error)
  return { status: error instanceof SessionError ? Math.max(500, error.statusCode) : 500, body: undefined }
}

function configOf(event: SessionEvent, name: unknown, host: SessionHost): ResolvedConfig | undefined {
  if (name === undefined) return resolvedConfig(event)
  const runtime = host.sessionConfig(event)
  const isKnown = name === defaultNameOf(runtime, isPlainDevelopment(event)) || Object.keys(runtime?.named ?? {}).includes(String(name))
  return isKnown ? resolvedConfig(event, { name: String(name) }) : undefined
}
