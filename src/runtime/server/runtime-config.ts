import { useRuntimeConfig } from 'nitropack/runtime'
import type { SessionRuntimeConfig } from '../core/types'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'

/** `runtimeConfig.session`, read anew for each event: some runtimes have their environment only there. */
export function sessionRuntimeConfig(event?: SessionEvent): SessionRuntimeConfig | undefined {
  const isFromNitro = event && hasResponse(event) && event.context.nitro
  // Nuxt types each key by its default; ours says what the keys may hold.
  return (isFromNitro ? useRuntimeConfig(event) : useRuntimeConfig()).session as unknown as SessionRuntimeConfig | undefined
}

/** The environment variable that sets the password, with the app's own prefix. */
export function passwordVariable(): string {
  const nitro = useRuntimeConfig().nitro as { envPrefix?: string } | undefined
  return `${nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}
