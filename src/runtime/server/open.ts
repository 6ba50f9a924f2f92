import { haveSameToken } from '../core/session/token'
import type { TokenConfig } from '../core/session/token'
import type { ResolvedConfig } from '../core/config/types'
import type { SessionOptions } from '../core/config/cache'
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
  const { trace } = useEnvironment()
  const caller = trace && !transport && opening !== 'preload' ? trace() : undefined
  const options = optionsOf(event, call)
  return options.checking
    ? options.checking.then(openWith.bind(undefined, options, event, opening, transport, caller))
    : openWith(options, event, opening, transport, caller)
}

function openWith(
  { config, siblings }: SessionOptions, event: SessionEvent, opening: Opening, transport: EventTransport | undefined, caller: string | undefined,
): MaybePromise<SessionContext> {
  const env = useEnvironment()
  if (caller !== undefined) env.host.transportOf(event).caller = caller
  return openSession(env, transport ?? sessionTransportOf(event, config, env.host), config, siblings, opening)
}

/** The options of a call, with the app's of the event or of the process. */
export function optionsOf(event: SessionEvent | undefined, call?: SessionConfig): SessionOptions {
  const { configs, host } = useEnvironment()
  return configs.resolve(call, host.sessionConfig(event), isPlainDevelopment(event))
}

/** As {@link optionsOf}, for a call whose keys need no check. */
export function resolvedConfig(event: SessionEvent | undefined, call?: Pick<SessionConfig, 'name' | 'storage'>): ResolvedConfig {
  return optionsOf(event, call).config
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
