import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPrefetch } from '../runtime/core/session/prefetch'
import type { ApiContext } from './api-context'
import { headersForApp, isNavigation } from './browser-request'
import { escapeHtml, messagePage } from './message-page'
import { answer, answerJson, answerPage, messageOf, redirect } from './responses'

const USED = 'This link has already been used, or is older than 30 seconds.'
const PREFETCHED = 'The browser has prefetched this link, which creates no session. Open it.'

/** Creates the session of a link in the browser that opens the link, once. */
export async function redeemLink(context: ApiContext, ticket: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { tickets, channel, baseURL } = context
  // Its user may never open the link, and a browser asks again for what a prefetch did not get.
  if (isPrefetch({ requestHeader: name => request.headers[name]?.toString() })) return refuse(context, request, response, 503, PREFETCHED)
  const create = request.method === 'GET' ? tickets.redeem(ticket) : undefined
  if (!create) return refuse(context, request, response, 404, USED)
  try {
    const { lines } = await channel.send<{ lines: string[] }>({ op: 'create', ...create, headers: headersForApp(request) })
    if (!response.closed && lines.length > 0) response.setHeader('Set-Cookie', lines)
    if (isNavigation(request)) redirect(response, `${baseURL}/`)
    else answer(response, 204)
  }
  catch (error) {
    refuse(context, request, response, 400, messageOf(error))
  }
}

function refuse({ baseURL }: ApiContext, request: IncomingMessage, response: ServerResponse, status: number, error: string): void {
  if (!isNavigation(request)) return answerJson(response, status, { error })
  answerPage(response, status, messagePage(
    'No session was created',
    escapeHtml(error),
    `A link works once, within 30 seconds. The session of this browser is unchanged. In the Sessions tab, create the session again for a new link. <a href="${escapeHtml(baseURL)}/">Open the app</a>`,
  ))
}
