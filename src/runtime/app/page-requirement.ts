import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import { clientConfigOf } from '../shared/client-config'
import type { SessionRequirement } from '../shared/page-session'

/** The requirement of a page with the route middleware `session`. */
export function requirementOf({ meta }: RouteLocationNormalized): SessionRequirement {
  return (meta.session ?? {}) as SessionRequirement
}

/** The address of the login page, with the page to return to. */
export function loginAddress({ $config }: NuxtApp, { fullPath }: RouteLocationNormalized): RouteLocationRaw {
  return { path: clientConfigOf($config)!.loginPage, query: { redirect: fullPath } }
}
