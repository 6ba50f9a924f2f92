import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useStorage } from 'nitropack/runtime'
import { H3Carrier } from '../h3/carrier'
import type { RouteFacts } from '../h3/carrier'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'
import type { SessionHost } from '../server/host'
import { createHttpError } from './http-error'
import { outerEvent } from './request-links'
import { passwordVariable, sessionRuntimeConfig } from './runtime-config'

const ORDINARY: RouteFacts = { isPrerendering: import.meta.prerender === true, isIncremental: false }
const CARRIER = Symbol.for('nuxt-h3-session.carrier')

/** Nitro 2 with h3 1: Nuxt 3 and 4, and Nitro alone. */
export function createNitroHost({ hooks }: NitroApp): SessionHost {
  const look = hooks.callHookWith as (caller: (hooks: unknown[]) => boolean, name: string) => boolean
  const call = hooks.callHook as (name: string, ...args: unknown[]) => Promise<unknown>
  return {
    sessionConfig: sessionRuntimeConfig,
    passwordVariable: passwordVariable(),
    mountOf: key => useStorage().getMount(key),
    hasHook: name => look.call(hooks, found => found.length > 0, name),
    callHook: (name, ...args) => call.call(hooks, name, ...args),
    carrierOf,
    outerEvent,
    methodOf: event => hasResponse(event) ? event.method : 'GET',
    createHttpError,
    isDevelopment: import.meta.dev === true,
    isPrerendering: import.meta.prerender === true,
  }
}

export function carrierOf(event: SessionEvent): H3Carrier {
  const holder = event as { [CARRIER]?: H3Carrier }
  return holder[CARRIER] ??= new H3Carrier(event, routeOf(event))
}

/** What a cached route asks of the app's own routes is kept with its answer, whoever's session they are given. */
function routeOf(event: SessionEvent): RouteFacts {
  const outer = outerEvent(event)
  const isIncremental = hasResponse(event) && Boolean(getRouteRules(event).isr)
  return outer || isIncremental ? { ...ORDINARY, isIncremental, outer: outer && carrierOf(outer) } : ORDINARY
}
