// `nuxt-h3-session/h3`: sessions for an app of h3 2 without Nitro.
import { serveDevices } from './adapters/h3-v2/devices'
import { createBareHost } from './adapters/h3-v2/host'
import type { SessionsOptions } from './adapters/h3-v2/host'
import { guardOrigins } from './adapters/h3-v2/origins'
import type { MiddlewareApp } from './adapters/h3-v2/origins'
import { ENVIRONMENT, watchResponses } from './adapters/h3-v2/responses'
import type { NextApp } from './adapters/h3-v2/responses'
import { createDeviceEndpoint } from './server/device-route'
import { installEnvironment } from './server/environment'
import { createOriginGuard } from './server/origin-guard'
import { releaseEntry } from './server/release-entry'
import { checkAtStart } from './server/startup-check'

export type { SessionsOptions } from './adapters/h3-v2/host'
export type { StoreDriver } from './core/store/context'
export * from './session'

/**
 * A plugin of h3 2 for sessions: `app.register(sessions({ password }))`. Register it first, in the served app, not in a
 * mounted one. A process has one set of options: the last call wins.
 * @throws SESSION_PASSWORD_WEAK
 */
export function sessions(options: SessionsOptions = {}): (app: NextApp) => void {
  return (app) => {
    const env = installEnvironment(createBareHost(options))
    app[ENVIRONMENT] = env
    checkAtStart(env)
    watchResponses(app, releaseEntry)
    const guard = createOriginGuard(env)
    if (guard) guardOrigins(app as NextApp & MiddlewareApp, guard)
    if (options.storage) serveDevices(app as NextApp & MiddlewareApp, createDeviceEndpoint(env), '')
  }
}
