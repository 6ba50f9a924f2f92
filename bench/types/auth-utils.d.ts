// A file of nuxt-auth-utils that `macro/app/nitro.config.ts` adds to a Nitro app without Nuxt.
declare module '#bench/auth-utils' {
  import type { H3Event } from 'h3'

  export function getUserSession(event: H3Event): Promise<Record<string, unknown>>
  export function setUserSession(event: H3Event, data: Record<string, unknown>): Promise<Record<string, unknown>>
}
