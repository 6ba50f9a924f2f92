import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig } from 'nitropack/runtime'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageContext } from '../../shared/page-session'
import type { ClientEndpoint, CreatePageSession } from '../shared/host'

/** Provides the session to pages that Nuxt renders. */
export function servePages(nitroApp: NitroApp, { route }: Pick<ClientEndpoint, 'route'>, createPageSession: CreatePageSession): void {
  const isMoved = clientConfigOf(useRuntimeConfig())?.route !== route
  nitroApp.hooks.hook('render:before', ({ event }) => {
    const client = isMoved ? clientConfigOf(useRuntimeConfig(event)) : undefined
    // The environment has changed the endpoint's path after the build.
    if (client) client.route = route
    const context = event.context as PageContext
    context[PAGE_SESSION] = createPageSession(event, Boolean(getRouteRules(event).prerender))
  })
  // Nuxt calls this since 4.5.
  nitroApp.hooks.hook('render:route', (delivery, { event }) => {
    const page = (event.context as PageContext)[PAGE_SESSION]
    if (page) page.delivery = delivery
  })
}
