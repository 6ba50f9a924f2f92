import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'
import type { Connect } from 'vite'
import { createSession, OPERATIONS } from './api'
import type { ApiAnswer, ApiContext } from './api'
import { forbiddenPage, isNavigation } from './forbidden-page'
import { forbiddenReason } from './gate'
import { TOKEN_HEADER } from './protocol'

const MAX_BODY_BYTES = 256 * 1024

/** No cache stores a response of the panel, and only this origin can frame or read it. */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy':
    'default-src \'self\'; style-src \'self\' \'unsafe-inline\'; img-src \'self\' data:; frame-ancestors \'self\'; base-uri \'none\'; form-action \'none\'',
}

/** Decides who may use the API. */
export interface Access {
  token: string
  /** Called for a request without the token. */
  onRefused?: (request: IncomingMessage) => void
}

/** Serves the panel and its API below its path, only to this machine. */
export function createPanelMiddleware(context: ApiContext, access: Access, panelDir: string): Connect.NextHandleFunction {
  const files = sirv(panelDir, { dev: true, single: true })
  const { base } = context
  return (request, response, next) => {
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path !== base && !path.startsWith(`${base}/`)) return next()
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
    const reason = forbiddenReason(request)
    if (reason !== undefined && isNavigation(request)) return answer(response, 403, forbiddenPage(request, context, reason), 'text/html')
    if (reason !== undefined) return answer(response, 403, { error: `This request may not see the sessions: ${reason}.` })
    const rest = path.slice(base.length)
    if (rest === '') return redirect(response, `${base}/`)
    if (rest.startsWith('/api/')) return void handleApi(context, access, rest.slice('/api/'.length), request, response, next)
    if (rest.startsWith('/use/')) return void redeemLink(context, rest.slice('/use/'.length), request, response)
    request.url = rest
    files(request, response, () => answer(response, 404, { error: 'Not found.' }))
  }
}

async function handleApi(context: ApiContext, { token, onRefused }: Access, name: string, request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction): Promise<void> {
  if (!isToken(request.headers[TOKEN_HEADER], token)) {
    onRefused?.(request)
    return answer(response, 401, { error: 'The panel\'s token is missing or wrong. Authorise this browser.' })
  }
  if (name === 'changes' && request.method === 'GET') return context.changes.send(response)
  if (!Object.hasOwn(OPERATIONS, name) || request.method !== (name === 'state' ? 'GET' : 'POST'))
    return answer(response, 404, { error: 'Unknown operation.' })
  const operation = OPERATIONS[name as keyof typeof OPERATIONS]
  const run = async () => operation(context, request.method === 'POST' ? await readJson(request) : {}, request)
  await respond(response, run, ({ body, pass }) => {
    if (pass === undefined) return answer(response, 200, body ?? {})
    request.url = pass
    next()
  })
}

async function redeemLink(context: ApiContext, ticket: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const create = request.method === 'GET' ? context.tickets.redeem(ticket) : undefined
  if (!create) return answer(response, 404, { error: 'This link has already been used, or is older than 30 seconds.' })
  await respond(response, () => createSession(context, create, request), () => {
    if (request.headers['sec-fetch-mode'] === 'navigate') redirect(response, `${context.baseURL}/`)
    else answer(response, 204)
  })
}

async function respond(response: ServerResponse, operation: () => Promise<ApiAnswer>, send: (result: ApiAnswer) => void): Promise<void> {
  try {
    const result = await operation()
    if (result.cookies?.length) response.setHeader('Set-Cookie', result.cookies)
    send(result)
  }
  catch (error) {
    answer(response, 400, { error: error instanceof Error ? error.message : 'The operation failed.' })
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  // All of it is read: leaving the loop would destroy the socket before the response.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  if (bytes > MAX_BODY_BYTES) throw new Error('The request body is too long.')
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('The request body must be a JSON object.')
  return body as Record<string, unknown>
}

function redirect(response: ServerResponse, location: string): void {
  response.setHeader('Location', location)
  answer(response, 302)
}

function answer(response: ServerResponse, status: number, body?: unknown, type = 'application/json'): void {
  // The browser has left. h3 2 then ends the response itself.
  if (response.closed) return
  response.statusCode = status
  if (body) response.setHeader('Content-Type', type)
  response.end(type === 'text/html' ? body : body && JSON.stringify(body))
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const a = Buffer.from(String(given ?? ''))
  const b = Buffer.from(token)
  return a.length === b.length && timingSafeEqual(a, b)
}
