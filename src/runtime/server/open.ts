import { getRouteRules } from 'nitropack/runtime'
import { CONFIG_DEFAULTS, resolveConfig } from '../core/config'
import type { ResolvedConfig } from '../core/config'
import type { SessionContext } from '../core/context'
import { openSession } from '../core/open'
import type { SessionConfig, SessionRuntimeConfig } from '../core/types'
import { H3Carrier } from '../h3/carrier'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'
import { useEnvironment } from './environment'
import { passwordVariable, sessionRuntimeConfig } from './runtime-config'

const CARRIER = Symbol.for('nuxt-h3-session.carrier')

/** The session of an event as the app and the call configured it. */
export async function openEvent(event: SessionEvent, config?: SessionConfig, isInitialized = true): Promise<SessionContext> {
  const carrier = carrierOf(event)
  if (import.meta.dev) carrier.caller ??= new Error('caller').stack
  return openCarrier(carrier, config, isInitialized)
}

/** The same for a carrier that the caller made. */
export async function openCarrier(carrier: H3Carrier, config: SessionConfig | undefined, isInitialized: boolean): Promise<SessionContext> {
  const runtime = sessionRuntimeConfig(carrier.event)
  const resolved = resolve(config, runtime)
  return openSession(useEnvironment(), carrier, resolved, {
    siblings: {
      names: [String(runtime?.name || CONFIG_DEFAULTS.name), ...Object.keys(runtime?.named ?? {})]
        .filter(name => name !== resolved.name),
      resolve: name => resolveConfig({ name }, runtime, { needsPassword: false }),
    },
    isInitialized,
  })
}

/** The options of a call over those of the app. */
export function eventConfig(event: SessionEvent, config?: SessionConfig): ResolvedConfig {
  return resolve(config, sessionRuntimeConfig(event))
}

function resolve(config: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined): ResolvedConfig {
  return resolveConfig(config, runtime, {
    passwordVariable: passwordVariable(),
    needsPassword: !import.meta.prerender,
  })
}

export function carrierOf(event: SessionEvent): H3Carrier {
  const holder = event as { [CARRIER]?: H3Carrier }
  return holder[CARRIER] ??= new H3Carrier(event, {
    isPrerendering: import.meta.prerender === true,
    isIncremental: hasResponse(event) && Boolean(getRouteRules(event).isr),
  })
}
