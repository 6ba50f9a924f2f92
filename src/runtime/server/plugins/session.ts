import { defineNitroPlugin } from 'nitropack/runtime'
import { checkAtStart } from '../boot-check'
import { serveClientRoute } from '../client-route'
import { installEnvironment } from '../environment'
import { servePages } from '../page-session'
import { linkRequests } from '../request-links'
import { startSweep } from '../sweep'

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(nitroApp)
  checkAtStart(env)
  startSweep(nitroApp, env)
  linkRequests(nitroApp)
  serveClientRoute(nitroApp)
  servePages(nitroApp)
})
