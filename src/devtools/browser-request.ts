import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/** The host and port by which the client names the server: HTTP/2 has `:authority` in place of `Host`. */
export function hostOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return (headers[':authority'] as string | undefined) ?? headers.host
}

/** The scheme by which the client has reached this server. */
export function schemeOf({ socket }: Pick<IncomingMessage, 'socket'>): 'http' | 'https' {
  return (socket as TLSSocket).encrypted ? 'https' : 'http'
}

/** Whether a browser shows the response: a page or a frame. */
export function isNavigation({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers['sec-fetch-mode'] === 'navigate' || (headers['sec-fetch-mode'] === undefined && headers.accept?.includes('text/html') === true)
}

/** The headers that the app may see. The panel's token is not one of them. */
export function headersForApp(request: IncomingMessage): Record<string, string> {
  const { cookie, 'user-agent': agent } = request.headers
  const scheme = schemeOf(request) === 'https' ? 'https' : undefined
  const headers = { cookie, 'host': hostOf(request), 'user-agent': agent, 'x-forwarded-proto': scheme }
  return Object.fromEntries(Object.entries(headers).filter(entry => entry[1] !== undefined)) as Record<string, string>
}
