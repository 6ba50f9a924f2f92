import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders, Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import CachePolicy from 'http-cache-semantics'
import { afterAll, beforeAll } from 'vitest'
import type { Server } from './server'

interface Stored { policy: CachePolicy, status: number, headers: OutgoingHttpHeaders, body: string }

/**
 * A shared cache in front of a server. It stores every response that RFC 9111 allows, and serves it to all requests that
 * match by `Vary`.
 */
class SharedCache {
  url = ''
  /** The number of responses from the cache. */
  hits = 0
  #stored = new Map<string, Stored[]>()
  #proxy: HttpServer | undefined

  constructor(private readonly origin: Server) {}

  async start(): Promise<void> {
    const proxy = this.#proxy = createServer((request, response) => {
      this.#answer(request).then(({ status, headers, body }) => response.writeHead(status, headers).end(body), () => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    this.url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#proxy?.closeAllConnections()
    this.#proxy?.close()
  }

  async #answer(request: IncomingMessage): Promise<Omit<Stored, 'policy'>> {
    const asked = { url: request.url!, method: request.method!, headers: request.headers as Record<string, string> }
    const key = `${asked.method} ${asked.url}`
    const found = this.#stored.get(key)?.find(({ policy }) => policy.satisfiesWithoutRevalidation(asked))
    if (found) {
      this.hits++
      return { ...found, headers: { ...found.policy.responseHeaders(), ...cookiesOf(found.headers) } }
    }
    const { host: _, connection: __, ...headers } = asked.headers
    const body = ['GET', 'HEAD'].includes(asked.method) ? undefined : await text(request)
    const response = await fetch(this.origin.url + asked.url, { method: asked.method, headers, body, redirect: 'manual' })
    const fresh = { status: response.status, headers: headersOf(response), body: await response.text() }
    // The library spares answers with cookies; RFC 9111 does not (7.3).
    const { 'set-cookie': _cookies, ...judged } = fresh.headers
    const policy = new CachePolicy(asked, { status: fresh.status, headers: judged as Record<string, string> }, { shared: true })
    if (policy.storable()) this.#stored.set(key, [...this.#stored.get(key) ?? [], { ...fresh, policy }])
    return fresh
  }
}

function headersOf({ headers }: Response): OutgoingHttpHeaders {
  const { 'content-encoding': _, 'content-length': __, 'transfer-encoding': ___, ...rest } = Object.fromEntries(headers)
  return { ...rest, ...headers.has('set-cookie') && { 'set-cookie': headers.getSetCookie() } }
}

function cookiesOf({ 'set-cookie': lines }: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return lines === undefined ? {} : { 'set-cookie': lines }
}

/** A shared cache in front of a server, for all tests of a `describe`. */
export function suiteCache(origin: Server): SharedCache {
  const cache = new SharedCache(origin)
  beforeAll(() => cache.start())
  afterAll(() => cache.stop())
  return cache
}
