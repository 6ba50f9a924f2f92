import { defineNitroPlugin } from 'nitropack/runtime'
import { createNitroHost } from './adapters/nitro-v2/host'
import { guardOrigins } from './adapters/nitro-v2/origins'
import { serveClientRoute, servePages } from './adapters/nitro-v2/pages'
import { linkRequests, watchResponses } from './adapters/nitro-v2/requests'
import { createClientEndpoint } from './server/client-route'
import { installEnvironment } from './server/environment'
import { createOriginGuard } from './server/origin-guard'
import { createPageSession } from './server/page-session'
import { checkAtStart, checkVariables } from './server/startup-check'

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(createNitroHost(nitroApp))
  checkAtStart(env)
  checkVariables(env)
  nitroApp.hooks.hook('close', env.stop)
  linkRequests(nitroApp, env)
  watchResponses(nitroApp)
  const guard = createOriginGuard(env)
  if (guard) guardOrigins(nitroApp, guard)
  const endpoint = createClientEndpoint(env)
  serveClientRoute(nitroApp, endpoint)
  servePages(nitroApp, endpoint, createPageSession)
})
