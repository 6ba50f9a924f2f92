import { defineNitroPlugin } from 'nitropack/runtime'
import { checkAtStart } from './server/startup-check'
import { createClientEndpoint } from './server/client-route'
import { installEnvironment } from './server/environment'
import { createPageSession } from './server/page-session'
import { startSweep } from './server/sweep'
import { serveClientRoute, servePages } from './adapters/nitro-v2/pages'
import { createNitroHost } from './adapters/nitro-v2/host'
import { watchRenewals } from './adapters/nitro-v2/renewals'
import { linkRequests } from './adapters/nitro-v2/request-links'

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(createNitroHost(nitroApp))
  checkAtStart(env)
  const stopSweep = startSweep(env)
  nitroApp.hooks.hook('close', stopSweep)
  linkRequests(nitroApp, env)
  watchRenewals(nitroApp)
  const endpoint = createClientEndpoint(env)
  serveClientRoute(nitroApp, endpoint)
  servePages(nitroApp, endpoint, createPageSession)
})
