import { getRouteRules } from 'nitropack/runtime'
import { carrySameToken } from '../core/carried-token'
import type { ResolvedConfig } from '../core/config'
import type { SessionContext } from '../core/context'
import type { MaybePromise } from '../core/maybe-promise'
import { AHEAD, openSession, TO_USE } from '../core/open'
import type { Opening } from '../core/open'
import type { SessionConfig } from '../core/types'
import { H3Carrier } from '../h3/carrier'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'
import type { EventCarrier } from '../h3/event-carrier'
import { InnerCarrier } from '../h3/inner-carrier'
import { useEnvironment } from './environment'
import { outerEvent } from './request-links'
import { sessionRuntimeConfig } from './runtime-config'

const CARRIER = Symbol.for('nuxt-h3-session.carrier')

/** The session of an event as the app and the call configured it. */
export function openEvent(event: SessionEvent, call?: SessionConfig, opening: Opening = TO_USE): MaybePromise<SessionContext> {
  if (import.meta.dev && opening !== AHEAD) carrierOf(event).caller ??= new Error('caller').stack
  const env = useEnvironment()
  const { config, siblings } = env.configs.resolve(call, sessionRuntimeConfig(event))
  return openSession(env, sessionCarrierOf(event, config), config, siblings, opening)
}

/** The same for a carrier that the caller made. */
export function openCarrier(carrier: EventCarrier, call: SessionConfig, opening: Opening): MaybePromise<SessionContext> {
  const env = useEnvironment()
  const { config, siblings } = env.configs.resolve(call, sessionRuntimeConfig(carrier.event))
  return openSession(env, carrier, config, siblings, opening)
}

/** The options of a call over those of the app. */
export function eventConfig(event: SessionEvent, call?: SessionConfig): ResolvedConfig {
  return useEnvironment().configs.resolve(call, sessionRuntimeConfig(event)).config
}

/** The event's own request and response. */
export function carrierOf(event: SessionEvent): H3Carrier {
  const holder = event as { [CARRIER]?: H3Carrier }
  return holder[CARRIER] ??= new H3Carrier(event, {
    isPrerendering: import.meta.prerender === true,
    isIncremental: hasResponse(event) && Boolean(getRouteRules(event).isr),
  })
}

/**
 * Where the event's session is: in the request that the app was answering when it made this one to itself, unless
 * the app gave it another session, or took it away.
 */
function sessionCarrierOf(event: SessionEvent, config: ResolvedConfig): EventCarrier {
  const own = carrierOf(event)
  const outer = outerEvent(event)
  if (!outer) return own
  const around = sessionCarrierOf(outer, config)
  return carrySameToken(own, around, config) ? new InnerCarrier(own, around) : own
}
