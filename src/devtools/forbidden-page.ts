import type { IncomingMessage } from 'node:http'
import { schemeOf } from './address'
import type { ApiContext } from './api'
import { PAGE_PATH } from './protocol'

/** Whether a browser shows the response: a page or a frame. */
export function isNavigation({ headers }: IncomingMessage): boolean {
  return headers['sec-fetch-mode'] === 'navigate' || (headers['sec-fetch-mode'] === undefined && headers.accept?.includes('text/html') === true)
}

/** A page in place of the panel that leads to it at localhost. It contains nothing of the request. */
export function forbiddenPage(request: IncomingMessage, { baseURL, base }: Pick<ApiContext, 'baseURL' | 'base'>, reason: string): string {
  const isPage = base.endsWith(PAGE_PATH)
  const url = `${schemeOf(request)}://localhost:${request.socket.localPort}${isPage ? base : baseURL}/`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sessions</title>
<style>
  body { max-width: 32rem; margin: 0 auto; padding: 4rem 1.5rem; font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; text-align: center }
  h1 { font-size: 16px }
  a { color: light-dark(#047a4b, #00dc82) }
</style>
<h1>The sessions are not shown here</h1>
<p>This request may not see the sessions: ${reason}. They are shown only ${isPage ? '' : 'in DevTools '}at <code>localhost</code>, on the machine that runs the development server.</p>
<p>On that machine, open <a href="${url}" target="_top">${url}</a>${isPage ? '' : ' and its DevTools'}.</p>
</html>
`
}
