import { defineEventHandler, getQuery, setResponseHeader, setResponseStatus } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { clientDataOf, clientKeysOf, clientRouteOf } from '../core/client-data'
import { AS_IT_IS } from '../core/open'
import { clear } from '../core/operations'
import type { SessionDataShape } from '../core/types'
import { createHttpError } from '../h3/http-error'
import { isSameOrigin } from '../h3/same-origin'
import { carrierOf, openEvent } from './open'
import { sessionRuntimeConfig } from './runtime-config'
import { requireSession } from './utils/require-session'
import type { RequireSessionOptions } from './utils/require-session'

/** Serves the client's endpoint at the path that the environment says when the server starts. */
export function serveClientRoute(nitroApp: NitroApp): void {
  const route = clientRouteOf(sessionRuntimeConfig())
  if (route !== false) nitroApp.router.use(route, createHandler())
}

function createHandler(): EventHandler {
  return defineEventHandler((event) => {
    // Also where `cacheHeaders` is off: nobody else's browser may show it.
    setResponseHeader(event, 'cache-control', 'no-store')
    setResponseHeader(event, 'cross-origin-resource-policy', 'same-origin')
    setResponseHeader(event, 'x-content-type-options', 'nosniff')
    const isRead = event.method === 'GET' || event.method === 'HEAD'
    if (!isRead && event.method !== 'DELETE') {
      setResponseHeader(event, 'allow', 'GET, HEAD, DELETE')
      throw createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Ask with GET or DELETE.')
    }
    if (!isSameOrigin(carrierOf(event), event.method))
      throw createHttpError(403, 'SESSION_FOREIGN_ORIGIN', 'This request comes from another origin.')
    return isRead ? read(event) : remove(event)
  })
}

/** The client's part of the data; with `?require=user` only for a visitor who is logged in. */
async function read(event: H3Event): Promise<SessionDataShape> {
  const options = requirementOf(event)
  const data = options
    ? (await requireSession<SessionDataShape>(event, options)).data
    : (await openEvent(event, undefined, AS_IT_IS)).state.record.data
  return clientDataOf(data, clientKeysOf(sessionRuntimeConfig(event)))
}

async function remove(event: H3Event): Promise<null> {
  await clear(await openEvent(event, undefined, AS_IT_IS))
  setResponseStatus(event, 204)
  return null
}

function requirementOf(event: H3Event): RequireSessionOptions | undefined {
  const { require, maxAuthAge } = getQuery(event)
  if (require !== 'user' && require !== 'session') return undefined
  const seconds = Number(maxAuthAge)
  return {
    ...require === 'user' && { userId: true },
    ...maxAuthAge !== undefined && seconds >= 0 && { maxAuthAge: seconds },
  }
}
