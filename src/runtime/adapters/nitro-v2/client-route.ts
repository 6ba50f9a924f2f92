import { defineEventHandler, getQuery, setResponseHeaders, setResponseStatus } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { clientRouteOf } from '../../core/config/client-data'
import { forbidCaching } from '../h3-v1/response-guard'
import { answerClient, headersFor } from '../../server/client-route'
import type { ServerEnvironment } from '../../server/environment'

/** Serves the client's endpoint at the path that the environment says when the server starts. */
export function serveClientRoute(nitroApp: NitroApp, { host }: ServerEnvironment): void {
  const route = clientRouteOf(host.sessionConfig())
  if (route === false) return
  nitroApp.router.use(route, defineEventHandler(async (event) => {
    setResponseHeaders(event, headersFor(event.method))
    // An error page brings headers of its own.
    forbidCaching(event.node.res)
    const answer = await answerClient(event, event.method, getQuery(event))
    if (answer === null) setResponseStatus(event, 204)
    return answer
  }))
}
