import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import { clientConfigOf } from '../shared/client-config'
import type { SessionRequirement } from '../shared/page-session'

/** What a page with the route middleware `session` asks of its visitor. */
export function requirementOf({ meta }: RouteLocationNormalized): SessionRequirement {
  return (meta.session ?? {}) as SessionRequirement
}

/** The login page, with the way back to a page. */
export function loginAddress({ $config }: NuxtApp, { fullPath }: RouteLocationNormalized): RouteLocationRaw {
  return { path: clientConfigOf($config)!.loginPage, query: { redirect: fullPath } }
}
