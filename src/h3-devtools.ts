import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DevtoolsOptions } from './devtools'
import { createPage } from './devtools/page'
import { recordedApp } from './runtime/adapters/h3-v2/recorded-app'
import type { MiddlewareApp } from './runtime/adapters/h3-v2/origins'
import { ENVIRONMENT } from './runtime/adapters/h3-v2/responses'
import type { NextApp } from './runtime/adapters/h3-v2/responses'
import { adoptEnvironment } from './runtime/server/environment'
import type { ServerEnvironment } from './runtime/server/environment'
import { recordSessions } from './runtime/server/devtools/recorder'

export type { DevtoolsOptions } from './devtools'

type DevApp = NextApp & MiddlewareApp & { [ENVIRONMENT]?: ServerEnvironment }

/**
 * A plugin of h3 2 that shows the sessions at `/_sessions` of the development server, to this machine only. Register it
 * after `sessions()`, in development only. On Node only.
 */
export function devtools({ presets }: DevtoolsOptions = {}): (app: DevApp) => void {
  return (app) => {
    const env = app[ENVIRONMENT]
    if (!env) throw new Error('[nuxt-h3-session] Register sessions() before devtools().')
    if (!env.isDevelopment) return
    // The package's build has copied the functions of the server into this file.
    adoptEnvironment(env)
    const { handle } = createPage({ rootDir: process.cwd(), baseURL: '', presets, print: message => console.info(`[nuxt-h3-session] ${message}`) })
    recordSessions({ ...recordedApp(app), onClose: () => undefined })
    app['~middleware'].unshift(async (event, next) => {
      // The request of a WebSocket has no response.
      const { req, res } = (event.req.runtime?.node ?? {}) as { req?: IncomingMessage, res?: ServerResponse }
      return req && res && await handle(req, res) ? Symbol.for('h3.handled') : next()
    })
  }
}
