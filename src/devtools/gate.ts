import type { IncomingMessage } from 'node:http'

const LOOPBACK = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/
const LOCAL_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|[\w-]+\.localhost)$/i
/** What proxies and tunnels add. */
const FORWARDING = /^(?:x-forwarded(?:-.*)?|x-original-.*|forwarded|via|x-real-ip|cf-connecting-ip|true-client-ip|x-client-ip)$/

/**
 * Why a request may not see the panel, if it may not. Only this machine's own pages may: not another host, not
 * a tunnel, not a name that was rebound to this machine, not a page of another origin in the same browser.
 */
export function refuseRequest(request: IncomingMessage): string | undefined {
  const { headers } = request
  if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) return 'it comes from another machine'
  if (Object.keys(headers).some(name => FORWARDING.test(name))) return 'it was forwarded by a proxy'
  const host = headers.host ?? ''
  if (!LOCAL_HOST.test(host.replace(/:\d+$/, ''))) return 'its host is no name of this machine'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'it comes from a page of another origin'
  const { origin } = headers
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) return 'it comes from a page of another origin'
  return undefined
}
