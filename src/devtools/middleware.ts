import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'
import { createSession, OPERATIONS } from './api'
import type { ApiContext } from './api'
import { refuseRequest } from './gate'
import { answer, protect, readJson } from './http'
import { PANEL_PATH, TOKEN_HEADER } from './protocol'

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** Serves the panel and its API below {@link PANEL_PATH}, to this machine's own DevTools only. */
export function createPanelMiddleware(context: ApiContext, token: string, panelDir: string): Middleware {
  const files = sirv(panelDir, { dev: true, single: true })
  const base = context.baseURL + PANEL_PATH
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path !== base && !path.startsWith(`${base}/`)) {
      next()
      return
    }
    protect(response)
    const refusal = refuseRequest(request)
    if (refusal !== undefined) {
      answer(response, 403, { error: `The sessions are not shown to this request: ${refusal}.` })
      return
    }
    const rest = path.slice(base.length)
    if (rest === '') redirect(response, `${base}/`)
    else if (rest.startsWith('/api/')) void operate(context, token, rest.slice('/api/'.length), request, response)
    else if (rest.startsWith('/use/')) void redeem(context, rest.slice('/use/'.length), request, response)
    else {
      request.url = rest
      files(request, response, () => answer(response, 404, { error: 'There is nothing here.' }))
    }
  }
}

async function operate(context: ApiContext, token: string, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isToken(request.headers[TOKEN_HEADER], token)) {
    answer(response, 401, { error: 'The panel has no token; DevTools must be authorised.' })
    return
  }
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
  if (!operation || request.method !== (name === 'state' ? 'GET' : 'POST')) {
    answer(response, 404, { error: 'There is no such operation.' })
    return
  }
  await respond(response, async () => {
    const body = request.method === 'POST' ? await readJson(request) : {}
    const { cookies, body: result } = await operation(context, request, body)
    if (cookies?.length) response.setHeader('Set-Cookie', cookies)
    answer(response, 200, result ?? {})
  })
}

async function redeem(context: ApiContext, ticket: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const create = request.method === 'GET' ? context.tickets.redeem(ticket) : undefined
  if (!create) {
    answer(response, 404, { error: 'This link was used already, or is older than 30 seconds.' })
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
    answer(response, 400, { error: error instanceof Error ? error.message : 'It failed.' })
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
