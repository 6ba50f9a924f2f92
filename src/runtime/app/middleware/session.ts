import { abortNavigation, defineNuxtRouteMiddleware, navigateTo, useNuxtApp, useRouter } from 'nuxt/app'
import type { RouteLocationNormalized } from 'vue-router'
import { clientConfigOf } from '../../shared/client-config'
import type { SessionPayload, SessionRequirement } from '../../shared/page-session'
import { GuardedPage } from '../guarded-page'
import { isRestored } from '../restored'
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
  const { isHydrating, payload } = nuxtApp
  const { loginPage } = clientConfigOf(nuxtApp.$config)!
  if (to.path === loginPage || isWithinPage(to, from)) return
  const requirement = (to.meta.session ?? {}) as SessionRequirement
  const login = { path: loginPage, query: { redirect: to.fullPath } }
  if (import.meta.client) {
    const page = new GuardedPage(nuxtApp, to.path, requirement, login)
    page.checkWhenRestored()
    if (isHydrating && payload.serverRendered) {
      if (!isChecked(payload.clientSession)) page.checkAfterHydration()
      return
    }
  }
  const canLoad = import.meta.client && !isHydrating
  const answer = injectSession(nuxtApp).meets(requirement).catch((error) => {
    if (!canLoad) throw error
  })
  return answer.then(isMet => nuxtApp.runWithContext(() => {
    if (isMet === false) return navigateTo(login)
    if (isMet === undefined && canLoad) return loadFromServer(to)
  }))
})

/** A link to a place in the page that is shown. */
function isWithinPage(to: RouteLocationNormalized, from: RouteLocationNormalized): boolean {
  return to.hash !== from.hash && withoutHash(to) === withoutHash(from)
}

function withoutHash({ fullPath }: RouteLocationNormalized): string {
  return fullPath.split('#', 1)[0]!
}

/** The server has checked a page that it rendered for this visitor; one that is everybody's nobody has. */
function isChecked(payload: unknown): boolean {
  return Boolean((payload as SessionPayload | undefined)?.isChecked) && !isRestored()
}

/**
 * Without an endpoint, or where it fails, the server decides, by rendering the page. Not by `navigateTo`, which stops
 * the app, so that it would be dead when it comes back from the back/forward cache.
 */
function loadFromServer(to: RouteLocationNormalized) {
  // With the origin: a path that begins with two slashes would lead to another host.
  window.location.assign(window.location.origin + useRouter().resolve(to).href)
  return abortNavigation()
}
