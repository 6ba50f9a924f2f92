import type { IncomingMessage } from 'node:http'
import type { WorkerChannel } from './channel'
import type { Inspector } from './inspector'
import { LIMITS } from './inspector'
import type { CreateRequest, JsonObject, RevealResponse, StateResponse, UnsealResponse } from './protocol'
import { PANEL_PATH } from './protocol'
import type { Tickets } from './tickets'
import { unsealText } from './unseal'

export interface ApiContext {
  inspector: Inspector
  channel: WorkerChannel
  tickets: Tickets
  presets: Record<string, JsonObject>
  baseURL: string
}

/** An answer of the API, and cookies for the browser that asked. */
export interface ApiAnswer { body?: unknown, cookies?: string[] }

type Operation = (context: ApiContext, request: IncomingMessage, body: Record<string, unknown>) => Promise<ApiAnswer>

/** What the panel can ask, by path below `api/`. */
export const OPERATIONS: Record<string, Operation> = {
  state: async (context, request) => ({ body: await stateOf(context, request) }),
  edit: (context, request, body) => act(context, request, 'edit', body),
  restore: (context, request, body) => act(context, request, 'edit', body),
  regenerate: (context, request, body) => act(context, request, 'regenerate', body),
  expire: (context, request, body) => act(context, request, 'expire', body),
  clear: (context, request, body) => act(context, request, 'clear', body),
  create: async ({ tickets, baseURL }, _, body) => {
    const request: CreateRequest = { name: text(body.name, 'name'), data: dataObject(body.data), ...lifetimeAndUser(body) }
    const { ticket, expiresAt } = tickets.issue(request)
    return { body: { link: `${baseURL}${PANEL_PATH}/use/${ticket}`, expiresAt } }
  },
  reveal: async ({ inspector, channel }, _, body) => {
    const seen = inspector.find(text(body.key, 'key'))
    if (!seen) throw new Error('This session is not known any more.')
    if (seen.keeper === 'h3') throw new Error('The app keeps this session with h3\'s useSession, with a password that this module does not know.')
    const { name, id, createdAt, data, flash, userId, authenticatedAt, maxAge } = seen
    const session = { id, createdAt, data, flash, userId, authenticatedAt, maxAge, name, lastSeenAt: seen.lastUsedAt }
    return { body: await channel.send<RevealResponse>({ op: 'reveal', name, session }) }
  },
  unseal: async ({ channel }, _, body) => {
    const { names } = await channel.send<{ names: string[] }>({ op: 'names' })
    const results: UnsealResponse = { results: await unsealText(channel, text(body.text, 'text'), names) }
    return { body: results }
  },
}

/** Puts the session of a redeemed link into the browser that opened it. */
export async function createSession({ channel }: ApiContext, request: IncomingMessage, create: CreateRequest): Promise<ApiAnswer> {
  const { lines } = await channel.send<{ lines: string[] }>({ op: 'create', ...create, headers: headersOf(request) })
  return { cookies: lines }
}

async function stateOf({ inspector, channel, presets }: ApiContext, request: IncomingMessage): Promise<StateResponse> {
  const { names, maxBytes } = await channel.send<{ names: string[], maxBytes: number }>({ op: 'names' })
  const seenNames = new Set([...names, ...inspector.timeline.map(event => event.name)])
  const now = Date.now()
  return {
    seq: inspector.seq,
    now,
    sessions: inspector.sessions(request.headers.cookie ?? '', [...seenNames], now),
    timeline: [...inspector.timeline],
    names,
    presets,
    limits: { ...LIMITS, maxBytes },
    hasStore: false,
  }
}

async function act({ channel }: ApiContext, request: IncomingMessage, action: 'edit' | 'regenerate' | 'expire' | 'clear', body: Record<string, unknown>): Promise<ApiAnswer> {
  const data = action === 'edit' ? dataObject(body.data) : undefined
  const { lines } = await channel.send<{ lines: string[] }>({ op: 'act', action, name: text(body.name, 'name'), data, headers: headersOf(request) })
  return { cookies: lines, body: {} }
}

/** The browser's own headers; the panel's token is none of the app's business. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const { cookie, host, 'user-agent': agent } = headers
  return Object.fromEntries(Object.entries({ cookie, host, 'user-agent': agent }).filter(entry => entry[1] !== undefined)) as Record<string, string>
}

function lifetimeAndUser({ userId, maxAge }: Record<string, unknown>): Pick<CreateRequest, 'userId' | 'maxAge'> {
  return {
    ...typeof userId === 'string' && userId !== '' && { userId },
    ...typeof maxAge === 'number' && { maxAge },
  }
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new Error(`"${key}" must be a text.`)
  return value
}

function dataObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('Session data must be a JSON object.')
  return value as JsonObject
}
