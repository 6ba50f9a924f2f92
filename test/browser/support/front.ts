import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import sirv from 'sirv'
import { onTestFinished } from 'vitest'
import type { BuiltApp } from '../../e2e/support/build'
import type { Server } from '../../e2e/support/server'

/** How the session's endpoint responds. `page`: with an HTML page, like hosts that serve the app at all unknown paths. */
export type EndpointAnswer = 'server' | 404 | 500 | 'redirect' | 'page' | 'hang' | 'refuse'

const ENDPOINT = /\/api\/_session\/?(?:\?|$)/

type FrontOptions = Partial<Pick<Front, 'endpoint' | 'hasSlashes'>>

/** A static host, or a proxy, between an app and the browser. */
export class Front {
  url = ''
  endpoint: EndpointAnswer = 'server'
  /** Pages are redirected to a path with a slash at the end, as by many static hosts and proxies. */
  hasSlashes = false
  /** Pages that redirect to another one. */
  readonly moved = new Map<string, string>()
  /** The pages that the browser loaded, by their requested path. */
  readonly documents: string[] = []
  /** How often the browser requested the session. */
  asked = 0
  readonly #server = createServer((request, response) => this.#answer(request, response))

  constructor(private readonly app: RequestListener) {}

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', search] = request.url!.split('?')
    if (ENDPOINT.test(request.url!)) {
      this.asked++
      if (this.endpoint !== 'server') return this.#fail(request, response)
    }
    else if (request.headers['sec-fetch-dest'] === 'document') {
      if (this.hasSlashes && !path.endsWith('/')) return redirect(response, search === undefined ? `${path}/` : `${path}/?${search}`)
      this.documents.push(request.url!)
      // So that each page is requested here. `no-store` would exclude it from the back/forward cache.
      response.setHeader('cache-control', 'no-cache')
      const target = this.moved.get(path)
      if (target) return redirect(response, target)
    }
    this.app(request, response)
  }

  #fail(request: IncomingMessage, response: ServerResponse): void {
    const { endpoint } = this
    if (endpoint === 'refuse') request.socket.destroy()
    else if (endpoint === 'redirect' && !request.url!.includes('_session/')) redirect(response, request.url!.replace('_session', '_session/'))
    else if (endpoint === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>the app</p>')
    else if (endpoint !== 'hang') response.writeHead(typeof endpoint === 'number' ? endpoint : 404).end()
  }
}

/** A static host of a generated app, without a server. It serves the app at unknown paths. */
export async function staticHost({ outputDir }: BuiltApp, options?: FrontOptions): Promise<Front> {
  const serve = sirv(join(outputDir, 'public'), { etag: true })
  const fallback = await readFile(join(outputDir, 'public/404.html'))
  const app: RequestListener = (request, response) => serve(request, response, () => {
    response.writeHead(404, { 'content-type': 'text/html' }).end(fallback)
  })
  return testFront(app, options)
}

/** A proxy in front of a built server. */
export function proxyOf({ url }: Server, options?: FrontOptions): Promise<Front> {
  return testFront((incoming, response) => {
    const { method, headers } = incoming
    const onward = request(url + incoming.url!, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    incoming.pipe(onward)
  }, options)
}

async function testFront(app: RequestListener, options: FrontOptions = {}): Promise<Front> {
  const front = Object.assign(new Front(app), options)
  onTestFinished(() => front.stop())
  await front.start()
  return front
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location, 'cache-control': 'no-store' }).end()
}
