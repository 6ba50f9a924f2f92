import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { createNitroHost } from './adapters/nitro-v2/host'
import { guardOrigins } from './adapters/nitro-v2/origins'
import { serveClientRoute, serveDevices, servePages } from './adapters/nitro-v2/pages'
import { linkRequests, watchResponses } from './adapters/nitro-v2/requests'
import { keepRuntimeConfig } from './adapters/nitro-v2/runtime-config'
import { createClientEndpoint } from './server/client-route'
import { createDeviceEndpoint } from './server/device-route'
import { installEnvironment } from './server/environment'
import { lazily } from './core/utils/lazily'
import { createOriginGuard } from './server/origin-guard'
import { checkAtStart, checkVariables } from './server/startup-check'

/** Apps without pages that use the session do not load its code. */
const openPageSession = lazily(async () => (await import('./server/page-session')).openPageSession)

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(createNitroHost(nitroApp))
  checkAtStart(env)
  checkVariables(env)
  nitroApp.hooks.hook('close', env.stop)
  const link = linkRequests(nitroApp, env)
  const copyRuntimeConfig = keepRuntimeConfig(useRuntimeConfig as never)
  // One hook for both: each costs every request of the app a promise.
  nitroApp.hooks.hook('request', (event) => {
    copyRuntimeConfig?.(event)
    link(event)
  })
  watchResponses(nitroApp)
  const guard = createOriginGuard(env)
  if (guard) guardOrigins(nitroApp, guard)
  const endpoint = createClientEndpoint(env)
  serveClientRoute(nitroApp, endpoint)
  serveDevices(nitroApp, createDeviceEndpoint(env))
  servePages(nitroApp, endpoint, openPageSession)
})
