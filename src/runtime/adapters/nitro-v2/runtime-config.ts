import type { H3Event } from 'h3'
import { useRuntimeConfig } from 'nitropack/runtime'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { hasResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import { HAS_ENVIRONMENT_AT_START } from '../shared/runtime-kind'

/**
 * `runtimeConfig.session` of an event. Where the environment is there when the server starts, Nitro's own object
 * of the process says it, frozen, and a copy that the request already has; elsewhere it is read for each event, and
 * anew for whoever has none, such as a socket, since the process's own was read too early.
 */
export function sessionRuntimeConfig(event?: SessionEvent): SessionRuntimeConfig | undefined {
  const nitro = event && hasResponse(event) ? event.context.nitro as { runtimeConfig?: object } | undefined : undefined
  const isOfEvent = nitro && (nitro.runtimeConfig || !HAS_ENVIRONMENT_AT_START)
  const config = isOfEvent ? useRuntimeConfig(event as H3Event) : processConfig()
  // Nuxt types each key by its default; ours says what the keys may hold.
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
