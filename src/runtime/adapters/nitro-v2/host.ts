import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useStorage, useRuntimeConfig } from 'nitropack/runtime'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { SHARED_CACHE } from '../../core/session/cached-routes/response-cache'
import { H3Transport } from '../h3-v1/transport'
import type { RouteFacts } from '../h3-v1/transport'
import { hasResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import type { SessionHost, AnswerStatus } from '../shared/host'
import { handlerCachesOf } from './handler-cache'
import { outerEvent, requestEvent } from './request-links'
import { createError } from 'h3'
import type { H3Event } from 'h3'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { HAS_ENVIRONMENT_AT_START } from '../shared/runtime'

const TRANSPORT = Symbol.for('nuxt-h3-session.transport')

/** The host for Nitro 2 with h3 1: Nuxt 3 and 4, and Nitro alone. */
export function createNitroHost({ hooks }: NitroApp): SessionHost {
  const look = hooks.callHookWith as (caller: (hooks: unknown[]) => boolean, name: string) => boolean
  const call = hooks.callHook as (name: string, ...args: unknown[]) => Promise<unknown>
  return {
    sessionConfig: sessionRuntimeConfig,
    passwordVariable: passwordVariable(),
    mountOf: key => useStorage().getMount(key),
    hasHook: name => look.call(hooks, found => found.length > 0, name),
    callHook: (name, ...args) => call.call(hooks, name, ...args),
    transportOf: createTransports(),
    outerEvent,
    methodOf: event => hasResponse(event) ? event.method : 'GET',
    createHttpError,
    isDevelopment: import.meta.dev === true,
    isPrerendering: import.meta.prerender === true,
  }
}

/** Creates the function that returns the transport of an event. */
function createTransports(): (event: SessionEvent) => H3Transport {
  const ordinary: RouteFacts = { isPrerendering: import.meta.prerender === true, isIncremental: false, cachesOf }

  function transportOf(event: SessionEvent): H3Transport {
    const holder = event as { [TRANSPORT]?: H3Transport }
    return holder[TRANSPORT] ??= new H3Transport(event, routeOf(event))
  }

  function routeOf(event: SessionEvent): RouteFacts {
    const [outer, request] = [outerEvent(event), requestEvent(event)]
    const isIncremental = hasResponse(event) && Boolean(getRouteRules(event).isr)
    if (!outer && !isIncremental && !request) return ordinary
    return { ...ordinary, isIncremental, outer: outer && transportOf(outer), incoming: request && transportOf(request) }
  }

  /** The response to an inner request becomes part of the outer response, and is stored with it. */
  function cachesOf(transport: H3Transport, { isIncremental, outer, incoming }: RouteFacts): readonly ResponseCache[] {
    const own = isIncremental ? [SHARED_CACHE] : handlerCachesOf(transport, incoming ?? transport)
    return [...own, ...outer?.caches() ?? []]
  }

  return transportOf
}

const STATUS_MESSAGES: Record<AnswerStatus, string> = { 401: 'Unauthorized', 403: 'Forbidden', 405: 'Method Not Allowed' }

/** An error that h3 sends unchanged. */
export function createHttpError(statusCode: AnswerStatus, code: string, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS_MESSAGES[statusCode], message, data: { code } })
}

/**
 * `runtimeConfig.session` of an event. If the environment is available at server start, this is the process's frozen
 * object, or the request's existing copy. On workers it is read for each event. For a socket it is read again, because
 * the process's object was created too early.
 */
export function sessionRuntimeConfig(event?: SessionEvent): SessionRuntimeConfig | undefined {
  const nitro = event && hasResponse(event) ? event.context.nitro as { runtimeConfig?: object } | undefined : undefined
  const isOfEvent = nitro && (nitro.runtimeConfig || !HAS_ENVIRONMENT_AT_START)
  const config = isOfEvent ? useRuntimeConfig(event as H3Event) : processConfig()
  // Nuxt infers the type from the defaults.
  return config.session as unknown as SessionRuntimeConfig | undefined
}

function processConfig() {
  return HAS_ENVIRONMENT_AT_START ? useRuntimeConfig() : useRuntimeConfig({ context: { nitro: {} } } as unknown as H3Event)
}

/** The environment variable that sets the password, with the app's own prefix. */
export function passwordVariable(): string {
  const nitro = useRuntimeConfig().nitro as { envPrefix?: string } | undefined
  return `${nitro?.envPrefix ?? 'NITRO_'}SESSION_PASSWORD`
}
