// The encoding of DevTools' RPC; it comes with @nuxt/devtools.
import { parse, stringify } from 'structured-clone-es'
import type { DevtoolsServer } from './dev-server'
import { DEVTOOLS } from './devtools'

const EVENT = 'nuxt:devtools:rpc'

interface RpcAnswer { i?: string, r?: unknown, e?: { message: string } }

/** How a version of DevTools sends its RPC over a WebSocket. */
interface Transport {
  url: (server: DevtoolsServer, token: string | undefined) => Promise<string>
  protocols: string[]
  wrap: (message: string) => string
  /** Returns the RPC message in a message of the socket, if there is one. */
  unwrap: (text: string) => string | undefined
}

/** DevTools 3 uses the socket of Vite, and its functions take the token as an argument. */
const OF_VITE: Transport = {
  url: async ({ port }) => `ws://127.0.0.1:${port}/_nuxt/`,
  protocols: ['vite-hmr'],
  wrap: data => JSON.stringify({ type: 'custom', event: EVENT, data }),
  unwrap(text) {
    const { event, data } = JSON.parse(text)
    return event === EVENT ? data : undefined
  },
}

/** DevTools 4 has its own socket, which gets the token when it is opened. */
const OF_DEVFRAME: Transport = {
  async url(server, token) {
    const { websocket } = await (await fetch(`${server.url}/__nuxt_devtools__/client/__connection.json`)).json()
    return `ws://127.0.0.1:${websocket.port}/${websocket.path}${token === undefined ? '' : `?devframe_auth_token=${token}`}`
  },
  protocols: [],
  wrap: message => `s:${message}`,
  unwrap: text => text.startsWith('s:') ? text.slice(2) : undefined,
}

const TRANSPORT = DEVTOOLS.rpc === 'vite' ? OF_VITE : OF_DEVFRAME

/** A client of DevTools' RPC, as any program that can connect to the development server. */
export class DevtoolsSocket {
  /** `token`: opens it as an authorised client. */
  static async open(server: DevtoolsServer, { headers = {}, token }: { headers?: Record<string, string>, token?: string } = {}): Promise<DevtoolsSocket> {
    // Node's WebSocket accepts headers too, a browser's does not.
    const socket = new WebSocket(await TRANSPORT.url(server, token), { protocols: TRANSPORT.protocols, headers } as never)
    const client = new DevtoolsSocket(socket)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', () => reject(new Error('The server refused the socket.')))
    })
    return client
  }

  /** All that the server sent, as text. */
  readonly received: string[] = []

  private constructor(readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => void this.received.push(String(data)))
  }

  /** The calls that the server sent to all clients. */
  get calls(): { m: string, a: unknown[] }[] {
    return this.#rpcMessages().filter(message => 'm' in message) as never
  }

  /** Calls a function of the server. Returns `undefined` if it does not respond in time. */
  async call(name: string, args: unknown[], timeout = 2000): Promise<RpcAnswer | undefined> {
    const id = crypto.randomUUID()
    this.socket.send(TRANSPORT.wrap(stringify({ m: name, a: args, i: id, t: 'q' })))
    const end = Date.now() + timeout
    while (Date.now() < end && this.socket.readyState === WebSocket.OPEN) {
      const answer = this.#rpcMessages().find(message => message.i === id)
      if (answer) return answer
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    return undefined
  }

  #rpcMessages(): RpcAnswer[] {
    return this.received.map(text => TRANSPORT.unwrap(text)).filter(message => message !== undefined).map(message => parse(message) as RpcAnswer)
  }
}
