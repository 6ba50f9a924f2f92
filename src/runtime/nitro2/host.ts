import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useStorage } from 'nitropack/runtime'
import type { ResponseCache } from '../core/response-cache'
import { SHARED_CACHE } from '../core/shared-cache'
import { H3Carrier } from '../h3/carrier'
import type { RouteFacts } from '../h3/carrier'
import { hasResponse } from '../h3/event'
import type { SessionEvent } from '../h3/event'
import type { SessionHost } from '../server/host'
import { handlerCachesOf } from './handler-cache'
import { createHttpError } from './http-error'
import { outerEvent, requestEvent } from './request-links'
import { passwordVariable, sessionRuntimeConfig } from './runtime-config'

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
    carrierOf: createCarriers(),
    outerEvent,
    methodOf: event => hasResponse(event) ? event.method : 'GET',
    createHttpError,
    isDevelopment: import.meta.dev === true,
    isPrerendering: import.meta.prerender === true,
  }
}

/** Makes the function that returns the one carrier of an event. */
function createCarriers(): (event: SessionEvent) => H3Carrier {
  const ordinary: RouteFacts = { isPrerendering: import.meta.prerender === true, isIncremental: false, cachesOf }

  function carrierOf(event: SessionEvent): H3Carrier {
    const holder = event as { [CARRIER]?: H3Carrier }
    return holder[CARRIER] ??= new H3Carrier(event, routeOf(event))
  }

  function routeOf(event: SessionEvent): RouteFacts {
    const [outer, request] = [outerEvent(event), requestEvent(event)]
    const isIncremental = hasResponse(event) && Boolean(getRouteRules(event).isr)
    if (!outer && !isIncremental && !request) return ordinary
    return { ...ordinary, isIncremental, outer: outer && carrierOf(outer), came: request && carrierOf(request) }
  }

  /** The answer to an inner request becomes part of the outer one's answer, and is kept with it. */
  function cachesOf(carrier: H3Carrier, { isIncremental, outer, came }: RouteFacts): readonly ResponseCache[] {
    const own = isIncremental ? [SHARED_CACHE] : handlerCachesOf(carrier, came ?? carrier)
    return [...own, ...outer?.caches() ?? []]
  }

  return carrierOf
}
