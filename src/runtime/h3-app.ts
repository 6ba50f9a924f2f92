// `nuxt-h3-session/h3`: the sessions of an app that is made with h3 2 itself.
import { createBareHost } from './adapters/h3-v2/bare-host'
import type { SessionsOptions } from './adapters/h3-v2/bare-host'
import { watchResponses } from './adapters/h3-v2/responses'
import type { NextApp } from './adapters/h3-v2/responses'
import { checkAtStart } from './server/startup-check'
import { installEnvironment } from './server/environment'
import { releaseEntry } from './server/release-entry'
import { startSweep } from './server/sweep'

export type { SessionsOptions } from './adapters/h3-v2/bare-host'
export type { StoreDriver } from './core/store/context'
export * from './session'

/**
 * A plugin of h3 2 that gives an app its sessions: `app.register(sessions({ password }))`. Register it first, and at
 * the app that is served, not at one that is mounted in it. A process has one set of options: the last.
 *
 * @throws SESSION_PASSWORD_WEAK
 */
export function sessions(options: SessionsOptions = {}): (app: NextApp) => void {
  return (app) => {
    const env = installEnvironment(createBareHost(options))
    checkAtStart(env)
    if (options.storage) startSweep(env)
    watchResponses(app, releaseEntry)
  }
}
