import { createError } from 'h3'
import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getRouteRules, useRuntimeConfig, useStorage } from 'nitropack/runtime'
import { SHARED_CACHE } from '../../core/session/cached-routes/response-cache'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { H3Transport } from '../h3-v1/transport'
import type { RouteFacts } from '../h3-v1/transport'
import { hasResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'
import { STATUS_TEXTS } from '../shared/host'
import type { SessionHost } from '../shared/host'
import { HAS_ENVIRONMENT_AT_START } from '../shared/runtime'
import { handlerCachesOf } from './request-runs'
import { outerEvent, requestEvent } from './requests'
import { ownSessionConfig } from './runtime-config'

const TRANSPORT = Symbol.for('nuxt-h3-session.transport')

/** The host for Nitro 2 with h3 1: Nuxt 3 and 4, and Nitro alone. */
export function createNitroHost({ hooks }: NitroApp): SessionHost {
  const look = hooks.callHookWith as (caller: (hooks: unknown[]) => boolean, name: string) => boolean
  const call = hooks.callHook as (name: string, ...args: unknown[]) => Promise<unknown>
  const { envPrefix } = (useRuntimeConfig().nitro ?? {}) as { envPrefix?: string }
  return {
    sessionConfig,
    passwordVariable: `${envPrefix ?? 'NITRO_'}SESSION_PASSWORD`,
    basePath: (useRuntimeConfig().app?.baseURL ?? '').replace(/\/$/, ''),
    mountOf: key => useStorage().getMount(key),
    hasHook: name => look.call(hooks, isSome, name),
    callHook: (name, ...args) => call.call(hooks, name, ...args),
    transportOf,
    outerEvent,
    methodOf: event => hasResponse(event) ? event.method : 'GET',
    createHttpError: (statusCode, code, message) =>
      createError({ statusCode, statusMessage: STATUS_TEXTS[statusCode], message, data: { code } }),
    isDevelopment: import.meta.dev === true,
    isPrerendering: import.meta.prerender === true,
  }
}

const isSome = (found: unknown[]) => found.length > 0

const ORDINARY: RouteFacts = {
  isPrerendering: import.meta.prerender === true,
  isIncremental: false,
  // The response to an inner request becomes part of the outer response, and is stored with it.
  cachesOf: (transport, { isIncremental, outer, incoming }) =>
    [...isIncremental ? [SHARED_CACHE] : handlerCachesOf(transport, incoming ?? transport), ...outer?.caches() ?? []],
}

function transportOf(event: SessionEvent): H3Transport {
  const holder = event as { [TRANSPORT]?: H3Transport }
  return holder[TRANSPORT] ??= new H3Transport(event, routeOf(event))
}

function routeOf(event: SessionEvent): RouteFacts {
  const [outer, request] = [outerEvent(event), requestEvent(event)]
  const isIncremental = hasResponse(event) && Boolean(getRouteRules(event).isr)
  if (!outer && !isIncremental && !request) return ORDINARY
  return { ...ORDINARY, isIncremental, outer: outer && transportOf(outer), incoming: request && transportOf(request) }
}

/**
 * Returns the process's frozen `runtimeConfig.session`, or the request's own copy. Workers have no environment at start,
 * so it is read for each event there, also for a socket.
 */
function sessionConfig(event?: SessionEvent): SessionRuntimeConfig | undefined {
  const nitro = event && hasResponse(event) ? event.context.nitro as { runtimeConfig?: object } | undefined : undefined
  if (HAS_ENVIRONMENT_AT_START) return ownSessionConfig(nitro) ?? sessionOf(useRuntimeConfig())
  return sessionOf(useRuntimeConfig(nitro ? event as H3Event : { context: { nitro: {} } } as unknown as H3Event))
}

/** Nuxt infers the type from the defaults. */
function sessionOf({ session }: { session?: unknown }): SessionRuntimeConfig | undefined {
  return session as SessionRuntimeConfig | undefined
}
