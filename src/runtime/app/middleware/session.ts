import { defineNuxtRouteMiddleware, navigateTo, useNuxtApp } from 'nuxt/app'
import { clientConfigOf } from '../../shared/client-config'
import { isSamePath } from '../address'
import { guardedPages } from '../guarded-pages'
import { loginAddress, requirementOf } from '../page-requirement'
import { injectSession } from '../shared-session'

/**
 * `definePageMeta({ middleware: 'session' })`: the page needs a login. Others are sent to the configured page, with
 * the path that they asked for as `?redirect=`. `session: { userId: false }` lets every session in that was begun,
 * `session: { maxAuthAge: 600 }` asks for a login of the last ten minutes.
 *
 * Not `async`: the build would transform it with a helper that no app outside this repository can resolve.
 */
export default defineNuxtRouteMiddleware((to, from) => {
  const nuxtApp = useNuxtApp()
  if (isSamePath(to.path, clientConfigOf(nuxtApp.$config)!.loginPage)) return
  if (import.meta.client) return guardedPages(nuxtApp).enter(to, from)
  return injectSession(nuxtApp).meets(requirementOf(to)).then(isMet => nuxtApp.runWithContext(() => {
    if (isMet === false) return navigateTo(loginAddress(nuxtApp, to))
  }))
})
