import { getRouteRules } from 'nitropack/runtime'
import type { ResolvedConfig } from '../core/config'
import type { SessionContext } from '../core/context'
import type { MaybePromise } from '../core/maybe-promise'
import { openSession } from '../core/open'
import type { SessionConfig } from '../core/types'
import { H3Carrier } from '../h3/carrier'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'
import { useEnvironment } from './environment'
import { sessionRuntimeConfig } from './runtime-config'

const CARRIER = Symbol.for('nuxt-h3-session.carrier')

/** The session of an event as the app and the call configured it. */
export function openEvent(event: SessionEvent, config?: SessionConfig, isInitialized = true): MaybePromise<SessionContext> {
  const carrier = carrierOf(event)
  if (import.meta.dev) carrier.caller ??= new Error('caller').stack
  return openCarrier(carrier, config, isInitialized)
}

/** The same for a carrier that the caller made. */
export function openCarrier(carrier: H3Carrier, call: SessionConfig | undefined, isInitialized: boolean): MaybePromise<SessionContext> {
  const env = useEnvironment()
  const { config, siblings } = env.configs.resolve(call, sessionRuntimeConfig(carrier.event))
  return openSession(env, carrier, config, { siblings, isInitialized })
}

/** The options of a call over those of the app. */
export function eventConfig(event: SessionEvent, call?: SessionConfig): ResolvedConfig {
  return useEnvironment().configs.resolve(call, sessionRuntimeConfig(event)).config
}

export function carrierOf(event: SessionEvent): H3Carrier {
  const holder = event as { [CARRIER]?: H3Carrier }
  return holder[CARRIER] ??= new H3Carrier(event, {
    isPrerendering: import.meta.prerender === true,
    isIncremental: hasResponse(event) && Boolean(getRouteRules(event).isr),
  })
}
