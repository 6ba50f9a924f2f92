import { haveSameToken } from '../core/session/token'
import type { TokenConfig } from '../core/session/token'
import type { ResolvedConfig } from '../core/config/types'
import type { SessionContext } from '../core/session/context'
import type { MaybePromise } from '../core/utils/maybe-promise'
import { openSession } from '../core/session/open'
import type { Opening } from '../core/session/open'
import type { SessionConfig } from '../core/model/types'
import type { SessionEvent } from '../adapters/shared/event'
import type { EventTransport, SessionHost } from '../adapters/shared/host'
import { InnerTransport } from '../adapters/shared/inner-transport'
import { useEnvironment } from './environment'

/** Opens the session of an event, or of another transport, with the options of the app and the call. */
export function openEvent(
  event: SessionEvent, call?: SessionConfig, opening: Opening = 'create', transport?: EventTransport,
): MaybePromise<SessionContext> {
  const env = useEnvironment()
  const { host } = env
  if (env.trace && !transport && opening !== 'preload') host.transportOf(event).caller = env.trace()
  const { config, siblings } = env.configs.resolve(call, host.sessionConfig(event), isPlainDevelopment(event))
  return openSession(env, transport ?? sessionTransportOf(event, config, host), config, siblings, opening)
}

/** The options of a call, with the app's of the event or of the process. */
export function resolvedConfig(event: SessionEvent | undefined, call?: SessionConfig): ResolvedConfig {
  const { configs, host } = useEnvironment()
  return configs.resolve(call, host.sessionConfig(event), isPlainDevelopment(event)).config
}

/** Whether the server is in development and the browser's request, which is the outermost one, came over plain HTTP. */
export function isPlainDevelopment(event: SessionEvent | undefined): boolean {
  const { host } = useEnvironment()
  if (!host.isDevelopment || event === undefined) return host.isDevelopment
  const outer = host.outerEvent(event)
  return outer ? isPlainDevelopment(outer) : !host.transportOf(event).isSecure()
}

/**
 * Joins an inner request to the session of its outer request, unless the app gave it another session or removed the
 * token. Other requests use their own transport.
 */
export function sessionTransportOf(event: SessionEvent, config: TokenConfig, host: SessionHost): EventTransport {
  const own = host.transportOf(event)
  const outer = host.outerEvent(event)
  if (!outer) return own
  const outerTransport = sessionTransportOf(outer, config, host)
  return haveSameToken(own, outerTransport, config) ? new InnerTransport(own, outerTransport) : own
}
