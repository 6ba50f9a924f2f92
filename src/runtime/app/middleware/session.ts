import { defineNuxtRouteMiddleware, navigateTo, useNuxtApp, useRouter } from 'nuxt/app'
import type { NuxtApp } from 'nuxt/app'
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import type { SessionPayload, SessionRequirement } from '../../shared/page-session'
import { clientConfigOf } from '../client-config'
import { injectSession } from '../shared-session'

/**
 * `definePageMeta({ middleware: 'session' })`: the page needs a login. Others are sent to the configured page, with
 * the path that they asked for as `?redirect=`. `session: { userId: false }` lets every session in that was begun,
 * `session: { maxAuthAge: 600 }` asks for a login of the last ten minutes.
 */
export default defineNuxtRouteMiddleware(async (to) => {
  const nuxtApp = useNuxtApp()
  const { loginPage } = clientConfigOf(nuxtApp.$config)
  if (to.path === loginPage) return
  const login = { path: loginPage, query: { redirect: to.fullPath } }
  const requirement = (to.meta.session ?? {}) as SessionRequirement
  if (import.meta.client && nuxtApp.isHydrating && nuxtApp.payload.serverRendered)
    return checkAfterHydration(nuxtApp, requirement, login)
  const isMet = await injectSession(nuxtApp).meets(requirement)
  if (isMet === undefined) return askServer(to)
  if (!isMet) return navigateTo(login)
})

/** The server has checked a page that it rendered for this visitor; one that is everybody's nobody has. */
function checkAfterHydration(nuxtApp: NuxtApp, requirement: SessionRequirement, login: RouteLocationRaw): void {
  if ((nuxtApp.payload.clientSession as SessionPayload | undefined)?.isChecked) return
  nuxtApp.hooks.hookOnce('app:suspense:resolve', async () => {
    if (await injectSession(nuxtApp).meets(requirement) === false) await nuxtApp.runWithContext(() => navigateTo(login))
  })
}

/** Without an endpoint the browser loads the page; a server that renders for everybody lets everybody see it. */
function askServer(to: RouteLocationNormalized) {
  if (import.meta.server) return
  return navigateTo(useRouter().resolve(to).href, { external: true })
}
