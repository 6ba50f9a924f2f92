import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig } from 'nitropack/runtime'
import { clientRouteOf } from '../core/client-data'
import type { ServerEnvironment } from '../server/environment'
import { createPageSession } from '../server/page-session'
import { PAGE_SESSION } from '../shared/page-session'
import { carrierOf } from './host'

interface ClientConfig { route?: string | false }

/** Gives the session to pages that Nuxt renders; elsewhere nothing is rendered. */
export function servePages(nitroApp: NitroApp, { host }: ServerEnvironment): void {
  const route = clientRouteOf(host.sessionConfig())
  const isMoved = clientConfigOf(useRuntimeConfig())?.route !== route
  nitroApp.hooks.hook('render:before', ({ event }) => {
    const client = isMoved ? clientConfigOf(useRuntimeConfig(event)) : undefined
    // The environment moved the endpoint after the build.
    if (client) client.route = route
    Object.assign(event.context, { [PAGE_SESSION]: createPageSession(event, isPersonal(event)) })
  })
}

function clientConfigOf(config: { public?: object }): ClientConfig | undefined {
  return (config.public as { clientSession?: ClientConfig } | undefined)?.clientSession
}

/** A page with a `prerender` rule is everybody's in development too. */
function isPersonal(event: H3Event): boolean {
  return !import.meta.prerender && !getRouteRules(event).prerender && !carrierOf(event).isShared('cookie')
}
