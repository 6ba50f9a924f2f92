import { once } from 'node:events'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Changes } from '../../../../src/devtools/changes'
import { WorkerChannel } from '../../../../src/devtools/channel'
import { Inspector } from '../../../../src/devtools/inspector'
import { createPanelMiddleware } from '../../../../src/devtools/middleware'
import type { StateResponse } from '../../../../src/devtools/protocol'
import { PANEL_PATH, TOKEN_HEADER } from '../../../../src/devtools/protocol'
import { StoreReader } from '../../../../src/devtools/store-reader'
import { Tickets } from '../../../../src/devtools/tickets'
import { CHANNEL_VARIABLE } from '../../../../src/runtime/server/devtools/messages'
import type { AppFacts, DevtoolsMessage, OwnSession, StoreReport, WorkerCommand } from '../../../../src/runtime/server/devtools/messages'
import { rawRequest } from '../../../support/raw-request'
import type { RawAnswer, RawRequest } from '../../../support/raw-request'

export const TOKEN = 'test-only-token-of-the-panel'

/** The panel's middleware in a plain HTTP server, with a worker that records its commands and sends a prepared answer. */
export class PanelServer {
  static async start(baseURL = '', path = PANEL_PATH): Promise<PanelServer> {
    const dir = await mkdtemp(join(tmpdir(), 'h3-session-panel-'))
    await mkdir(join(dir, 'client'))
    await writeFile(join(dir, 'client/index.html'), '<h1>the panel</h1>')
    await writeFile(join(dir, 'secret.txt'), 'beside the panel')
    const panel = new PanelServer(dir, baseURL, path)
    await once(panel.#server.listen(0, '127.0.0.1'), 'listening')
    return panel
  }

  readonly inspector = new Inspector()
  /** How often a read of the stores has changed something. */
  changed = 0
  readonly changes = new Changes()
  requests = 0
  /** How many requests had no token. */
  refused = 0
  readonly observed: unknown[] = []
  readonly commands: WorkerCommand[] = []
  /** The worker's answer to commands other than `app` and `stored`. A string is an error. */
  answer: unknown = { lines: [] }
  /** The store's mount by session name. */
  storages: Record<string, string> = {}
  own: OwnSession[] = []
  /** The worker's answer to `stored`. Without one, the stores do not answer. */
  reports: StoreReport[] | undefined = []
  now = 0
  /** Requests whose body was not read to its end before the response. */
  cutRequests = 0
  readonly #server: Server
  readonly #worker: BroadcastChannel
  readonly #channel: WorkerChannel

  private constructor(readonly dir: string, baseURL: string, path: string) {
    this.#channel = new WorkerChannel(report => this.observed.push(report))
    this.#worker = new BroadcastChannel(process.env[CHANNEL_VARIABLE]!)
    this.#worker.onmessage = ({ data }: MessageEvent<DevtoolsMessage>) => this.#work(data)
    const context = { inspector: this.inspector, channel: this.#channel, stores: new StoreReader(this.#channel, this.inspector, () => void this.changed++), tickets: new Tickets(() => this.now), presets: { admin: { userId: '1', data: { role: 'admin' } } }, baseURL, base: baseURL + path, changes: this.changes, notifier: { fetched: () => undefined, changed: () => void this.changed++ }, historyKey: async () => 'key-of-the-history', rootDir: dir }
    const middleware = createPanelMiddleware(context, { token: TOKEN, onRefused: () => void this.refused++ }, join(dir, 'client'))
    this.#server = createServer((request, response) => {
      this.requests++
      // Nuxt's development server needs the socket then.
      response.once('finish', () => { if (request.destroyed && !request.complete) this.cutRequests++ })
      // As h3 2 does, if the browser leaves.
      response.once('close', () => response.headersSent || response.writeHead(500))
      middleware(request, response, () => response.end('the app'))
    })
  }

  get port() { return (this.#server.address() as AddressInfo).port }
  get host() { return `127.0.0.1:${this.port}` }

  async request(path: string, options?: RawRequest): Promise<RawAnswer> {
    return rawRequest(this.port, path, options)
  }

  /** Calls the API as the panel does. */
  async ask(operation: string, body?: string | object, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.request(`/__nuxt_session__/api/${operation}`, { method: body === undefined ? 'GET' : 'POST', headers: { [TOKEN_HEADER]: TOKEN, ...headers }, body })
  }

  async state(since?: string): Promise<StateResponse> {
    return JSON.parse((await this.ask(since === undefined ? 'state' : `state?since=${since}`)).text)
  }

  /** Sends a message as the worker does. */
  post(message: object): void {
    this.#worker.postMessage(message)
  }

  async stop(): Promise<void> {
    this.#channel.close()
    this.#worker.close()
    this.#server.close()
    await rm(this.dir, { recursive: true })
  }

  #work(message: DevtoolsMessage): void {
    if (message.type !== 'command') return
    const { id, command } = message
    if (command.op !== 'app') this.commands.push(command)
    if (command.op === 'stored' && !this.reports) return
    const result = this.#answerTo(command)
    this.#worker.postMessage(typeof result === 'string' ? { type: 'answer', id, error: result } : { type: 'answer', id, result })
  }

  #answerTo({ op }: WorkerCommand): unknown {
    if (op === 'app') return { names: ['h3', 'cart'], cookies: { h3: { maxBytes: 8192, chunkMaxLength: 4000 } }, storages: this.storages, own: this.own } satisfies AppFacts
    return op === 'stored' ? this.reports : this.answer
  }
}
