import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig } from 'nitropack/runtime'
import { clientRouteOf } from '../../core/config/client-data'
import type { ServerEnvironment } from '../../server/environment'
import { createPageSession } from '../../server/page-session'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageContext } from '../../shared/page-session'

/** Gives the session to pages that Nuxt renders; elsewhere nothing is rendered. */
export function servePages(nitroApp: NitroApp, { host }: ServerEnvironment): void {
  const route = clientRouteOf(host.sessionConfig())
  const isMoved = clientConfigOf(useRuntimeConfig())?.route !== route
  nitroApp.hooks.hook('render:before', ({ event }) => {
    const client = isMoved ? clientConfigOf(useRuntimeConfig(event)) : undefined
    // The environment moved the endpoint after the build.
    if (client) client.route = route
    const context = event.context as PageContext
    context[PAGE_SESSION] = createPageSession(event, Boolean(getRouteRules(event).prerender))
  })
  // Nuxt calls it from 4.5 on.
  nitroApp.hooks.hook('render:route', (delivery, { event }) => {
    const page = (event.context as PageContext)[PAGE_SESSION]
    if (page) page.delivery = delivery
  })
}
