import { useRuntimeConfig } from 'nitro/runtime-config'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageDelivery, RenderedPage } from '../../shared/page-session'
import type { NextEvent } from '../h3-v2/event'
import { HttpAnswer } from '../h3-v2/host'
import type { SessionEvent } from '../shared/event'
import type { ClientEndpoint, OpenPageSession } from '../shared/host'
import type { Nitro3App } from './host'

/** Provides the session to pages that Nuxt renders. */
export function servePages({ hooks }: Nitro3App, { route }: ClientEndpoint, openPageSession: OpenPageSession, link: (event: NextEvent) => void): void {
  const client = clientConfigOf(useRuntimeConfig())
  // The environment may have changed the endpoint's path after the build.
  if (client) client.route = route
  hooks.hook('render:route', (delivery: PageDelivery, { event }: { event: NextEvent }) => {
    const open = () => openPageSession(event as unknown as SessionEvent, Boolean(event.context.routeRules?.prerender), delivery)
    Object.assign(event.context, { [PAGE_SESSION]: { open } satisfies RenderedPage })
    link(event)
  })
}

/** Serves the client's endpoint. The environment can change its path at server start. */
export function serveClientRoute({ h3 }: Nitro3App, endpoint: ClientEndpoint, basePath: string): void {
  if (endpoint.route === false) return
  const path = basePath + endpoint.route
  h3['~middleware'].push((event, next) => {
    // The app's own route at the same path wins.
    const isOurs = event.url.pathname === path && event.context.matchedRoute?.route !== path
    return isOurs ? respond(event, endpoint) : next()
  })
}

async function respond(event: NextEvent, { headersFor, answer }: ClientEndpoint): Promise<Response> {
  const { method } = event.req
  const headers = headersFor(method)
  const query = Object.fromEntries(event.url.searchParams)
  const data = await answer(event as unknown as SessionEvent, method, query).catch((error: unknown) => {
    if (error instanceof HttpAnswer) error.headers = new Headers(headers)
    throw error
  })
  return data === null ? new Response(null, { status: 204, headers }) : Response.json(data, { headers })
}
