import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig } from 'nitropack/runtime'
import { clientDataOf, clientKeysOf, clientRouteOf } from '../core/client-data'
import type { SessionContext } from '../core/context'
import { AHEAD, use } from '../core/open'
import { clear } from '../core/operations'
import { followShared } from '../core/shared'
import { PAGE_SESSION } from '../shared/page-session'
import type { PageSession, SessionRequirement } from '../shared/page-session'
import { carrierOf, openEvent } from './open'
import { sessionRuntimeConfig } from './runtime-config'
import { requireSession } from './utils/require-session'

interface ClientConfig { route?: string | false }

/** Gives the session to pages that Nuxt renders; elsewhere nothing is rendered. */
export function servePages(nitroApp: NitroApp): void {
  const route = clientRouteOf(sessionRuntimeConfig())
  const isMoved = clientConfigOf(useRuntimeConfig())?.route !== route
  nitroApp.hooks.hook('render:before', ({ event }) => {
    const client = isMoved ? clientConfigOf(useRuntimeConfig(event)) : undefined
    // The environment moved the endpoint after the build.
    if (client) client.route = route
    Object.assign(event.context, { [PAGE_SESSION]: createPageSession(event) })
  })
}

function clientConfigOf(config: { public?: object }): ClientConfig | undefined {
  return (config.public as { clientSession?: ClientConfig } | undefined)?.clientSession
}

function createPageSession(event: H3Event): PageSession {
  let context: SessionContext | undefined
  let failure: unknown
  return {
    isPersonal: isPersonal(event),
    async load() {
      try {
        if (keysOf(event).length > 0) context = await openEvent(event, undefined, AHEAD)
      }
      catch (error) {
        // A page that does not ask for the session is rendered all the same.
        failure = error
      }
    },
    read() {
      if (failure !== undefined) throw failure
      if (!context) return {}
      followShared(context)
      return clientDataOf(use(context).state.record.data, keysOf(event))
    },
    async clear() {
      await clear(await openEvent(event, undefined, AHEAD))
    },
    meets: requirement => meets(event, requirement),
  }
}

/** A page with a `prerender` rule is everybody's in development too. */
function isPersonal(event: H3Event): boolean {
  return !import.meta.prerender && !getRouteRules(event).prerender && !carrierOf(event).isShared('cookie')
}

function keysOf(event: H3Event): readonly string[] {
  return clientKeysOf(sessionRuntimeConfig(event))
}

async function meets(event: H3Event, { userId = true, maxAuthAge }: SessionRequirement): Promise<boolean> {
  try {
    await requireSession(event, { ...userId && { userId }, maxAuthAge })
    return true
  }
  catch (error) {
    if ((error as { statusCode?: number }).statusCode === 401) return false
    throw error
  }
}
