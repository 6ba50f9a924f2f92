import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostOf, schemeOf } from './browser-request'
import type { DevtoolsOptions } from './index'
import { createPanel } from './panel'
import { checkPresets } from './presets'
import { PAGE_PATH } from './protocol'

/** How often the link is printed at most. */
const LINK_INTERVAL_MS = 5000

export interface PageOptions extends DevtoolsOptions {
  rootDir: string
  baseURL: string
  /** Prints a line in the server's terminal. */
  print: (message: string) => void
}

/** The panel as a page of the development server. `handle` returns whether it has responded. */
export function createPage({ rootDir, baseURL, presets = {}, print }: PageOptions) {
  let printedAt = 0
  // The link leads to the name by which the browser has reached the server. The gate has checked it.
  const onRefused = (request: IncomingMessage) => {
    if (Date.now() - printedAt < LINK_INTERVAL_MS) return
    printedAt = Date.now()
    print(`To see the sessions, open ${schemeOf(request)}://${hostOf(request)}${base}/#${access.token}`)
  }
  const { base, access, middleware, close } = createPanel({ rootDir, baseURL: baseURL.replace(/\/$/, ''), path: PAGE_PATH, presets: checkPresets(presets), onRefused }, () => undefined)
  const handle = (request: IncomingMessage, response: ServerResponse) => new Promise<boolean>((resolve) => {
    response.once('close', () => resolve(true))
    middleware(request, response, () => resolve(false))
  })
  return { handle, close }
}
