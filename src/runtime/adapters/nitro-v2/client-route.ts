import { defineEventHandler, getQuery, setResponseHeaders, setResponseStatus } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { forbidCaching } from '../h3-v1/response-guard'
import type { ClientEndpoint } from '../shared/served'

/** Serves the client's endpoint at the path that the environment says when the server starts. */
export function serveClientRoute(nitroApp: NitroApp, { route, headersFor, answer }: ClientEndpoint): void {
  if (route === false) return
  nitroApp.router.use(route, defineEventHandler(async (event) => {
    setResponseHeaders(event, headersFor(event.method))
    // An error page brings headers of its own.
    forbidCaching(event.node.res)
    const data = await answer(event, event.method, getQuery(event))
    if (data === null) setResponseStatus(event, 204)
    return data
  }))
}
