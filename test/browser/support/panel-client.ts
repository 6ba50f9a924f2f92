import type { PanelOperations, StateResponse } from '../../../src/devtools/protocol'
import { PANEL_PATH, PAGE_PATH, TOKEN_HEADER } from '../../../src/devtools/protocol'
import type { DevtoolsServer } from './dev-server'
import { DevtoolsSocket } from './devtools-socket'

type Operation = Exclude<keyof PanelOperations, 'state'>

/** A client of the panel's API without a browser, authorised as the panel is. */
export class PanelClient {
  static async connect(server: DevtoolsServer, isPage: boolean): Promise<PanelClient> {
    if (isPage) return new PanelClient(server, `${PAGE_PATH}/api`, server.devToken)
    const socket = await DevtoolsSocket.open(server, { token: server.devToken })
    const answer = await socket.call('nuxt-h3-session:access', [server.devToken])
    socket.socket.close()
    return new PanelClient(server, `${PANEL_PATH}/api`, (answer!.r as { token: string }).token)
  }

  private constructor(private readonly server: DevtoolsServer, private readonly api: string, readonly token: string) {}

  async state(cookie = ''): Promise<StateResponse> {
    return (await this.#fetch('state', { headers: { cookie } })).json()
  }

  /** The events of the newest request with this path. */
  async eventsAt(path: string) {
    const { requests } = await this.state()
    return requests.findLast(request => request.path === path)?.events ?? []
  }

  async ask(operation: Operation, body: object, cookie = ''): Promise<Response> {
    return this.#fetch(operation, { method: 'POST', headers: { cookie }, body: JSON.stringify(body) })
  }

  #fetch(operation: string, { headers, ...init }: { method?: string, headers: Record<string, string>, body?: string }): Promise<Response> {
    return fetch(`${this.server.url}${this.api}/${operation}`, { ...init, headers: { [TOKEN_HEADER]: this.token, ...headers } })
  }
}
