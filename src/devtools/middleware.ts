import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'
import { createSession, OPERATIONS } from './api'
import type { ApiContext } from './api-context'
import { forbiddenReason } from './gate'
import { answer, readJson, setSecurityHeaders } from './http'
import { PANEL_PATH, TOKEN_HEADER } from './protocol'

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** Serves the panel and its API below {@link PANEL_PATH}, only to DevTools on this machine. */
export function createPanelMiddleware(context: ApiContext, token: string, panelDir: string): Middleware {
  const files = sirv(panelDir, { dev: true, single: true })
  const base = context.baseURL + PANEL_PATH
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path !== base && !path.startsWith(`${base}/`)) {
      next()
      return
    }
    setSecurityHeaders(response)
    const reason = forbiddenReason(request)
    if (reason !== undefined) {
      answer(response, 403, { error: `This request may not see the sessions: ${reason}.` })
      return
    }
    const rest = path.slice(base.length)
    if (rest === '') redirect(response, `${base}/`)
    else if (rest.startsWith('/api/')) void handleApi(context, token, rest.slice('/api/'.length), request, response)
    else if (rest.startsWith('/use/')) void redeemLink(context, rest.slice('/use/'.length), request, response)
    else {
      request.url = rest
      files(request, response, () => answer(response, 404, { error: 'Not found.' }))
    }
  }
}

async function handleApi(context: ApiContext, token: string, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isToken(request.headers[TOKEN_HEADER], token)) {
    answer(response, 401, { error: 'The panel\'s token is missing or wrong. Authorise this browser in DevTools.' })
    return
  }
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
  if (!operation || request.method !== (name === 'state' ? 'GET' : 'POST')) {
    answer(response, 404, { error: 'Unknown operation.' })
    return
  }
  await respond(response, async () => {
    const body = request.method === 'POST' ? await readJson(request) : {}
    const { cookies, body: result } = await operation(context, request, body)
    if (cookies?.length) response.setHeader('Set-Cookie', cookies)
    answer(response, 200, result ?? {})
  })
}

async function redeemLink(context: ApiContext, ticket: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const create = request.method === 'GET' ? context.tickets.redeem(ticket) : undefined
  if (!create) {
    answer(response, 404, { error: 'This link has already been used, or is older than 30 seconds.' })
    return
  }
  await respond(response, async () => {
    const { cookies } = await createSession(context, request, create)
    if (cookies?.length) response.setHeader('Set-Cookie', cookies)
    if (request.headers['sec-fetch-mode'] === 'navigate') redirect(response, `${context.baseURL}/`)
    else answer(response, 204)
  })
}

async function respond(response: ServerResponse, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  }
  catch (error) {
    answer(response, 400, { error: error instanceof Error ? error.message : 'The operation failed.' })
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.setHeader('Location', location)
  answer(response, 302)
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const a = Buffer.from(String(given ?? ''))
  const b = Buffer.from(token)
  return a.length === b.length && timingSafeEqual(a, b)
}
