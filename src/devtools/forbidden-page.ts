import type { IncomingMessage } from 'node:http'
import type { ApiContext } from './api-context'
import { schemeOf } from './browser-request'
import { messagePage } from './message-page'
import { PAGE_PATH } from './protocol'

/** A page in place of the panel that leads to it at localhost. It contains nothing of the request. */
export function forbiddenPage(request: IncomingMessage, { baseURL, base }: Pick<ApiContext, 'baseURL' | 'base'>, reason: string): string {
  const isPage = base.endsWith(PAGE_PATH)
  const url = `${schemeOf(request)}://localhost:${request.socket.localPort}${isPage ? base : baseURL}/`
  return messagePage(
    'The sessions are not shown here',
    `This request may not see the sessions: ${reason}. They are shown only ${isPage ? '' : 'in DevTools '}at <code>localhost</code>, on the machine that runs the development server.`,
    `On that machine, open <a href="${url}" target="_top">${url}</a>${isPage ? '' : ' and its DevTools'}.`,
  )
}
