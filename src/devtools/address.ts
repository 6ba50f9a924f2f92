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
