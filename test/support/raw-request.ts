import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export interface RawAnswer { status: number, headers: IncomingHttpHeaders, text: string }
export interface RawRequest { method?: string, headers?: Record<string, string>, body?: string | object, address?: string }

/** Requests an unchanged path with any headers; `fetch` supports neither. */
export async function rawRequest(port: number, path: string, { method = 'GET', headers = {}, body, address = '127.0.0.1' }: RawRequest = {}): Promise<RawAnswer> {
  const sent = request({ host: address, port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers }, agent: false })
  sent.end(typeof body === 'object' ? JSON.stringify(body) : body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, text }
}
