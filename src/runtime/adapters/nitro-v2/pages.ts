import { defineEventHandler, getQuery, setResponseHeaders, setResponseStatus } from 'h3'
import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig } from 'nitropack/runtime'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageContext, RenderedPage } from '../../shared/page-session'
import { forbidCaching } from '../h3-v1/response-guard'
import { DEVICE_STEPS } from '../shared/host'
import type { ClientEndpoint, DeviceEndpoint, OpenPageSession } from '../shared/host'

/** Provides the session to pages that Nuxt renders. */
export function servePages({ hooks }: NitroApp, { route }: ClientEndpoint, openPageSession: OpenPageSession): void {
  const isMoved = clientConfigOf(useRuntimeConfig())?.route !== route
  hooks.hook('render:before', ({ event }) => {
    const client = isMoved ? clientConfigOf(useRuntimeConfig(event)) : undefined
    // The environment has changed the endpoint's path after the build.
    if (client) client.route = route
    const page: RenderedPage = { open: () => openPageSession(event, Boolean(getRouteRules(event).prerender), page.delivery) }
    Object.assign(event.context, { [PAGE_SESSION]: page } satisfies PageContext)
  })
  // Nuxt calls this since 4.5.
  hooks.hook('render:route', (delivery, { event }) => {
    const page = (event.context as PageContext)[PAGE_SESSION]
    if (page) page.delivery = delivery
  })
}

/** Serves the client's endpoint. The environment can change its path at server start. */
export function serveClientRoute(app: NitroApp, { route, headersFor, answer }: ClientEndpoint): void {
  if (route !== false) serve(app, route, headersFor, async (event) => {
    const data = await answer(event, event.method, getQuery(event))
    if (data === null) setResponseStatus(event, 204)
    return data
  })
}

/** Serves the endpoint of browsers that bind sessions. */
export function serveDevices(app: NitroApp, { route, headers, answer }: DeviceEndpoint): void {
  if (route !== false) for (const step of DEVICE_STEPS) serve(app, `${route}/${step}`, () => headers, async (event) => {
    const { status, body } = await answer(event, step, getQuery(event))
    setResponseStatus(event, status)
    return body ?? ''
  })
}

function serve({ router }: NitroApp, path: string, headersFor: ClientEndpoint['headersFor'], respond: (event: H3Event) => Promise<unknown>): void {
  router.use(path, defineEventHandler((event) => {
    setResponseHeaders(event, headersFor(event.method))
    // An error page replaces the headers.
    forbidCaching(event.node.res)
    return respond(event)
  }))
}
