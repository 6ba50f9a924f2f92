import { serveDevices } from './adapters/h3-v2/devices'
import { guardOrigins } from './adapters/h3-v2/origins'
import { watchResponses } from './adapters/h3-v2/responses'
import { answerErrors, createNitro3Host } from './adapters/nitro-v3/host'
import type { Nitro3App } from './adapters/nitro-v3/host'
import { serveClientRoute, servePages } from './adapters/nitro-v3/pages'
import { linkRequests } from './adapters/nitro-v3/request-links'
import { createClientEndpoint } from './server/client-route'
import { createDeviceEndpoint } from './server/device-route'
import { installEnvironment } from './server/environment'
import { lazily } from './core/utils/lazily'
import { createOriginGuard } from './server/origin-guard'
import { releaseEntry } from './server/release-entry'
import { checkAtStart, checkVariables } from './server/startup-check'

/** Apps without pages that use the session do not load its code. */
const openPageSession = lazily(async () => (await import('./server/page-session')).openPageSession)

export default (nitroApp: Nitro3App): void => {
  const env = installEnvironment(createNitro3Host(nitroApp))
  checkAtStart(env)
  checkVariables(env)
  nitroApp.hooks.hook('close', env.stop)
  watchResponses(nitroApp.h3, releaseEntry)
  const guard = createOriginGuard(env)
  if (guard) guardOrigins(nitroApp.h3, guard)
  answerErrors(nitroApp)
  const endpoint = createClientEndpoint(env)
  servePages(nitroApp, endpoint, openPageSession, linkRequests(nitroApp, env))
  serveClientRoute(nitroApp, endpoint, env.basePath)
  serveDevices(nitroApp.h3, createDeviceEndpoint(env), env.basePath)
}
