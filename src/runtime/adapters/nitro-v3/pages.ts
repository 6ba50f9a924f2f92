import { useRuntimeConfig } from 'nitro/runtime-config'
import type { NextEvent } from '../h3-v2/event'
import type { SessionEvent } from '../shared/event'
import type { ClientEndpoint, CreatePageSession } from '../shared/host'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageDelivery } from '../../shared/page-session'
import type { Nitro3App } from './app'
import type { RequestLinks } from './request-links'

/** Provides the session to pages that Nuxt renders. */
export function servePages({ hooks }: Nitro3App, { route }: Pick<ClientEndpoint, 'route'>, createPageSession: CreatePageSession, links: RequestLinks): void {
  const client = clientConfigOf(useRuntimeConfig())
  // The environment may have changed the endpoint's path after the build.
  if (client) client.route = route
  hooks.hook('render:route', (delivery: PageDelivery, { event }: { event: NextEvent }) => {
    const page = createPageSession(event as unknown as SessionEvent, Boolean(event.context.routeRules?.prerender))
    Object.assign(event.context, { [PAGE_SESSION]: Object.assign(page, { delivery }) })
    links.announce(event)
  })
}
