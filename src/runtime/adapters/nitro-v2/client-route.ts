import { defineEventHandler, getQuery, setResponseHeaders, setResponseStatus } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { forbidCaching } from '../h3-v1/response-guard'
import type { ClientEndpoint } from '../shared/host'

/** Serves the client's endpoint. The environment can change its path at server start. */
export function serveClientRoute(nitroApp: NitroApp, { route, headersFor, answer }: ClientEndpoint): void {
  if (route === false) return
  nitroApp.router.use(route, defineEventHandler(async (event) => {
    setResponseHeaders(event, headersFor(event.method))
    // An error page replaces the headers.
    forbidCaching(event.node.res)
    const data = await answer(event, event.method, getQuery(event))
    if (data === null) setResponseStatus(event, 204)
    return data
  }))
}
