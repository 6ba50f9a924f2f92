import { useRuntimeConfig } from 'nitro/runtime-config'
import { clientRouteOf } from '../core/client-data'
import { nextCarrierOf } from '../h3-2/carrier'
import type { NextEvent } from '../h3-2/event'
import type { SessionEvent } from '../h3/event'
import type { ServerEnvironment } from '../server/environment'
import { createPageSession } from '../server/page-session'
import { PAGE_SESSION } from '../shared/page-session'
import type { Nitro3App } from './app'
import type { RequestLinks } from './request-links'

/** Gives the session to pages that Nuxt renders; elsewhere nothing is rendered. */
export function servePages({ hooks }: Nitro3App, { host }: ServerEnvironment, links: RequestLinks): void {
  const client = (useRuntimeConfig().public as { clientSession?: { route?: string | false } } | undefined)?.clientSession
  // The environment may have moved the endpoint after the build.
  if (client) client.route = clientRouteOf(host.sessionConfig())
  hooks.hook('render:route', (_route: unknown, { event }: { event: NextEvent }) => {
    const page = createPageSession(event as unknown as SessionEvent, isPersonal(event))
    Object.assign(event.context, { [PAGE_SESSION]: page })
    links.announce(event)
  })
}

/** A page with a `prerender` rule is everybody's in development too. */
function isPersonal(event: NextEvent): boolean {
  const isPrerendering = import.meta.prerender === true
  const carrier = nextCarrierOf(event as unknown as SessionEvent, isPrerendering)
  return !isPrerendering && !event.context.routeRules?.prerender && !carrier.isShared('cookie')
}
