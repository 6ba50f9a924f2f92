import { useRuntimeConfig } from 'nitropack/runtime'

/** The environment variable that sets the password, with the app's own prefix. */
export function passwordVariable(): string {
  const nitro = useRuntimeConfig().nitro as { envPrefix?: string } | undefined
  return `${nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}
