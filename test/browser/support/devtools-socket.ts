// The encoding of DevTools' RPC; it comes with @nuxt/devtools.
import { parse, stringify } from 'structured-clone-es'

interface RpcAnswer { i?: string, r?: unknown, e?: { message: string } }

/** A client of DevTools' RPC, as any program that can connect to the development server. */
export class DevtoolsSocket {
  static async open(host: string, headers: Record<string, string> = {}): Promise<DevtoolsSocket> {
    // Node's WebSocket accepts headers too, a browser's does not.
    const socket = new WebSocket(`ws://${host}/_nuxt/`, { protocols: ['vite-hmr'], headers } as never)
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
    this.socket.send(JSON.stringify({ type: 'custom', event: 'nuxt:devtools:rpc', data: stringify({ m: name, a: args, i: id, t: 'q' }) }))
    const end = Date.now() + timeout
    while (Date.now() < end && this.socket.readyState === WebSocket.OPEN) {
      const answer = this.#rpcMessages().find(message => message.i === id)
      if (answer) return answer
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    return undefined
  }

  #rpcMessages(): RpcAnswer[] {
    return this.received.map(text => JSON.parse(text)).filter(message => message.event === 'nuxt:devtools:rpc').map(message => parse(message.data) as RpcAnswer)
  }
}
