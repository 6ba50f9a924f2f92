import { defineNuxtRouteMiddleware, navigateTo } from '#app/composables/router'
import { useNuxtApp } from '#app/nuxt'
import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized } from 'vue-router'
import { guardedPages, requirementOf } from '../guarded-pages'
import { isLoginPage, loginAddress } from '../login-page'
import { openRenderedSession } from '../rendered-session'

/**
 * Guards a page with `definePageMeta({ middleware: 'session' })`: visitors who are not logged in are redirected to the
 * login page, with the page's path as `?redirect=`. `session: { userId: false }` admits every existing session,
 * `session: { maxAuthAge: 600 }` requires a login in the last ten minutes.
 *
 * Not `async`: the build would transform it with a helper that no app outside this repository can resolve.
 */
export default defineNuxtRouteMiddleware((to, from) => {
  const nuxtApp = useNuxtApp()
  if (isLoginPage(nuxtApp, to)) return
  return import.meta.client ? guardedPages(nuxtApp).guard(to, from) : guardRendered(nuxtApp, to)
})

function guardRendered(nuxtApp: NuxtApp, to: RouteLocationNormalized) {
  const requirement = requirementOf(to)
  return openRenderedSession(nuxtApp).then(session => session.meets(requirement)).then(isMet => nuxtApp.runWithContext(() => {
    if (isMet === false) return navigateTo(loginAddress(nuxtApp, to))
  }))
}
