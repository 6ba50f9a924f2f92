import { watchResponses } from '../h3-v2/responses'
import { checkAtStart } from '../../server/startup-check'
import { installEnvironment } from '../../server/environment'
import { releaseEntry } from '../../server/release-entry'
import { startSweep } from '../../server/sweep'
import type { Nitro3App } from './app'
import { serveClientRoute } from './client-route'
import { answerErrors } from './errors'
import { createNitro3Host } from './host'
import { servePages } from './pages'
import { linkRequests } from './request-links'

export default (nitroApp: Nitro3App): void => {
  const env = installEnvironment(createNitro3Host(nitroApp))
  checkAtStart(env)
  const stopSweep = startSweep(env)
  nitroApp.hooks.hook('close', stopSweep)
  watchResponses(nitroApp.h3, releaseEntry)
  answerErrors(nitroApp)
  servePages(nitroApp, env, linkRequests(nitroApp, env))
  serveClientRoute(nitroApp, env)
}
