import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { H3 } from 'h3-next'
import type { H3Event as NextEvent } from 'h3-next'
import { createManager } from '../../../src/runtime/core/session/manager'
import { openSession } from '../../../src/runtime/core/session/open'
import type { SessionConfig, SessionDataShape } from '../../../src/runtime/core/model/types'
import { H3Transport } from '../../../src/runtime/adapters/h3-v1/transport'
import type { TestApp } from './app'
import { CookieJar } from './jar'

const transports = new WeakMap<object, H3Transport>()

/** A real event of h3 v1. */
export function h3Event(headers: Record<string, string> = {}): H3Event {
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/', headers })
  return createEvent(request, new ServerResponse(request))
}

export function setCookiesOf(event: H3Event): string[] {
  return [event.node.res.getHeader('set-cookie') ?? []].flat().map(String)
}

/** Our `useSession` on an event of h3 v1. */
export async function useOurs(app: TestApp, event: H3Event, config?: SessionConfig) {
  const transport = transports.get(event) ?? new H3Transport(event, { isPrerendering: false, isIncremental: false })
  transports.set(event, transport)
  const siblings = { names: [], resolve: (name: string) => app.resolve({ name }) }
  return createManager<SessionDataShape>(await openSession(app.env, transport, app.resolve(config), siblings, 'create'))
}

/** A browser with apps of h3 v1, of h3 v2 and ours at one address. */
export class SharedBrowser {
  readonly jar = new CookieJar()

  /** A request to h3 v1 or to our app; both use its event. */
  async visit<T>(handler: (event: H3Event) => Promise<T>) {
    const event = h3Event(this.#headers)
    const result = await handler(event)
    const lines = setCookiesOf(event)
    this.jar.receive(lines, Date.now())
    return { result, lines }
  }

  /** A request to h3 v2. */
  async visitNext<T>(handler: (event: NextEvent) => Promise<T>) {
    let result!: T
    const app = new H3().get('/', async (event) => {
      result = await handler(event)
      return 'done'
    })
    const response = await app.request('/', { headers: this.#headers })
    if (response.status !== 200) throw new Error(`h3 v2 answered ${response.status}: ${await response.text()}`)
    const lines = response.headers.getSetCookie()
    this.jar.receive(lines, Date.now())
    return { result, lines }
  }

  get #headers(): Record<string, string> {
    const cookie = this.jar.header(Date.now())
    return cookie ? { cookie } : {}
  }
}
