import { defineNitroPlugin } from 'nitropack/runtime'
import { checkAtStart } from '../server/boot-check'
import { installEnvironment } from '../server/environment'
import { startSweep } from '../server/sweep'
import { serveClientRoute } from './client-route'
import { createNitroHost } from './host'
import { servePages } from './pages'
import { watchRenewals } from './renewals'
import { linkRequests } from './request-links'

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(createNitroHost(nitroApp))
  checkAtStart(env)
  const stopSweep = startSweep(env)
  nitroApp.hooks.hook('close', stopSweep)
  linkRequests(nitroApp, env)
  watchRenewals(nitroApp)
  serveClientRoute(nitroApp, env)
  servePages(nitroApp, env)
})
