import type { H3Event } from 'h3'
import { useRuntimeConfig } from 'nitropack/runtime'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { hasResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import { HAS_ENVIRONMENT_AT_START } from '../shared/runtime'

/**
 * `runtimeConfig.session` of an event. If the environment is available at server start, this is the process's frozen
 * object, or the request's existing copy. On workers it is read for each event. For a socket it is read again, because
 * the process's object was created too early.
 */
export function sessionRuntimeConfig(event?: SessionEvent): SessionRuntimeConfig | undefined {
  const nitro = event && hasResponse(event) ? event.context.nitro as { runtimeConfig?: object } | undefined : undefined
  const isOfEvent = nitro && (nitro.runtimeConfig || !HAS_ENVIRONMENT_AT_START)
  const config = isOfEvent ? useRuntimeConfig(event as H3Event) : processConfig()
  // Nuxt infers the type from the defaults.
  return config.session as unknown as SessionRuntimeConfig | undefined
}

function processConfig() {
  return HAS_ENVIRONMENT_AT_START ? useRuntimeConfig() : useRuntimeConfig({ context: { nitro: {} } } as unknown as H3Event)
}

/** The environment variable that sets the password, with the app's own prefix. */
export function passwordVariable(): string {
  const nitro = useRuntimeConfig().nitro as { envPrefix?: string } | undefined
  return `${nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}
