import type { IncomingMessage } from 'node:http'
import { hostOf } from './browser-request'

const LOOPBACK = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/
const LOCAL_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|[\w-]+\.localhost)$/i
/** Headers that proxies and tunnels add. */
const FORWARDING = /^(?:x-forwarded(?:-.*)?|x-original-.*|forwarded|via|cdn-loop|cf-.*|x-envoy-.*|x-real-ip|(?:true|fastly|fly|x|x-cluster)-client-ip|x-azure-clientip)$/

/**
 * Returns why a request may not see the panel, or `undefined` if it may. Only pages of this machine's own app may:
 * no other host, no tunnel, no DNS name that was rebound to this machine, no page of another origin.
 */
export function forbiddenReason(request: IncomingMessage): string | undefined {
  const { headers } = request
  const host = hostOf(request) ?? ''
  // First, because this machine's own request to its address in the network comes from that address too.
  if (!LOCAL_HOST.test(host.replace(/:\d+$/, ''))) return 'its address is not localhost'
  if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) return 'it comes from another machine'
  if (Object.keys(headers).some(name => FORWARDING.test(name))) return 'it was forwarded by a proxy'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'it comes from a page of another origin'
  const { origin } = headers
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) return 'it comes from a page of another origin'
  return undefined
}
