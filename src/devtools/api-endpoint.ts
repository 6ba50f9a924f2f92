import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { OPERATIONS } from './api'
import type { ApiContext } from './api-context'
import { MAX_BODY_BYTES, tooLong } from './body-limit'
import { TOKEN_HEADER } from './protocol'
import { answerJson, messageOf } from './responses'

/** Decides who may use the API. */
export interface Access {
  token: string
  /** Called for a request without the token. */
  onRefused?: (request: IncomingMessage) => void
}

/** Responds to a request of the panel with an operation's result. */
export async function handleApi(
  context: ApiContext, { token, onRefused }: Access, name: string, request: IncomingMessage, response: ServerResponse,
): Promise<void> {
  if (!isToken(request.headers[TOKEN_HEADER], token)) {
    onRefused?.(request)
    return answerJson(response, 401, { error: 'The panel\'s token is missing or wrong. Authorise this browser.' })
  }
  if (name === 'changes' && request.method === 'GET') return context.changes.send(response)
  if (!Object.hasOwn(OPERATIONS, name) || request.method !== (name === 'state' ? 'GET' : 'POST'))
    return answerJson(response, 404, { error: 'Unknown operation.' })
  try {
    const operation = OPERATIONS[name as keyof typeof OPERATIONS]
    const { body = {}, cookies = [] } = await operation(context, request.method === 'POST' ? await readJson(request) : {}, request)
    if (cookies.length > 0) response.setHeader('Set-Cookie', cookies)
    answerJson(response, 200, body)
  }
  catch (error) {
    answerJson(response, 400, { error: messageOf(error) })
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
  if (bytes > MAX_BODY_BYTES) throw new Error(tooLong(bytes))
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Error('The request body must be a JSON object.')
  return body as Record<string, unknown>
}

function isToken(given: string | string[] | undefined, token: string): boolean {
  const a = Buffer.from(String(given ?? ''))
  const b = Buffer.from(token)
  return a.length === b.length && timingSafeEqual(a, b)
}
