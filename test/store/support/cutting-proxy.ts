import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/**
 * A TCP proxy on 127.0.0.1. It forwards a request to the server, and then cuts the connection instead of forwarding
 * the answer (`isCut`), or keeps it open without any answer (`isSilent`). It can also fall silent on all connections,
 * like a machine that was switched off.
 */
export class CuttingProxy {
  /** How many connections it has cut. */
  cuts = 0
  /** How many connections it has accepted. */
  connections = 0
  /** Called with each request. */
  isCut: (request: string) => boolean = () => false
  /** Called with each request. */
  isSilent: (request: string) => boolean = () => false
  readonly #sockets = new Set<Socket>()

  private constructor(private readonly server: Server) {}

  get port(): number { return (this.server.address() as AddressInfo).port }

  static async start(target: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(createServer(client => proxy.#forward(client, target)))
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    return proxy
  }

  /** From now on, cuts every `nth` write of a record or tombstone. */
  cutEvery(nth: number): void {
    let writes = 0
    // mysql2 escapes the quotes.
    this.isCut = request => request.replaceAll('\\', '').includes('{"v":1') && ++writes % nth === 0
  }

  /** Forwards nothing from now on over the present connections, and leaves them open. */
  fallSilent(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('data')
      socket.pause()
    }
  }

  stop(): void {
    this.server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #forward(client: Socket, target: number): void {
    this.connections++
    const server = connect(target, '127.0.0.1')
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    let isCut = false
    let isSilent = false
    client.on('data', (request) => {
      isCut ||= this.isCut(String(request))
      isSilent ||= this.isSilent(String(request))
      server.write(request)
    })
    server.on('data', (answer) => {
      if (isCut) {
        this.cuts++
        cut()
      }
      else if (!isSilent) { client.write(answer) }
    })
  }
}
