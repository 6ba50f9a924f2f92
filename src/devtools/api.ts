import type { IncomingMessage } from 'node:http'
import type { AppFacts, StoredPlace } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import type { CreateRequest, JsonObject, RevealResponse, UnsealResponse } from './protocol'
import { PANEL_PATH } from './protocol'
import type { ApiContext } from './api-context'
import { stateOf } from './state'
import { unsealText } from './unseal'

/** A response of the API. `cookies` are Set-Cookie lines for the panel's browser. */
export interface ApiAnswer { body?: unknown, cookies?: string[] }

type Operation = (context: ApiContext, request: IncomingMessage, body: Record<string, unknown>) => Promise<ApiAnswer>
type Action = 'edit' | 'regenerate' | 'expire' | 'clear'

/** The API's operations, by their path below `api/`. */
export const OPERATIONS: Record<string, Operation> = {
  state: async (context, request) => ({ body: await stateOf(context, request.headers.cookie ?? '') }),
  edit: (context, request, body) => act(context, request, 'edit', body),
  restore: (context, request, body) => act(context, request, 'edit', body),
  regenerate: (context, request, body) => act(context, request, 'regenerate', body),
  expire: (context, request, body) => act(context, request, 'expire', body),
  clear: (context, request, body) => act(context, request, 'clear', body),
  revoke: async (context, _, body) => {
    await context.channel.send({ op: 'revoke', place: placeOf(sessionOf(context, body)) })
    return { body: {} }
  },
  create: async ({ tickets, baseURL }, _, body) => {
    const request: CreateRequest = { name: text(body.name, 'name'), data: dataObject(body.data), ...lifetimeAndUser(body) }
    const { ticket, expiresAt } = tickets.issue(request)
    return { body: { link: `${baseURL}${PANEL_PATH}/use/${ticket}`, expiresAt } }
  },
  reveal: async (context, _, body) => {
    const recorded = sessionOf(context, body)
    if (recorded.keeper === 'h3') throw new Error('The app manages this session with h3\'s own useSession. This module does not have its password.')
    if (recorded.id === undefined) throw new Error('No request has used this session yet, and the store contains only the hash of its id.')
    if (recorded.isCut && recorded.storage === undefined) throw new Error('The data is too large to seal here.')
    const { name, id, createdAt, data, flash, userId, authenticatedAt, maxAge, storage } = recorded
    const session = { id, createdAt, data, flash, userId, authenticatedAt, maxAge, name, lastSeenAt: recorded.lastUsedAt }
    return { body: await context.channel.send<RevealResponse>({ op: 'reveal', name, isStored: storage !== undefined, session }) }
  },
  unseal: async ({ channel }, _, body) => {
    const { names } = await channel.send<AppFacts>({ op: 'names' })
    const results: UnsealResponse = { results: await unsealText(channel, text(body.text, 'text'), names) }
    return { body: results }
  },
}

/** Creates the session of a redeemed link in the browser that opened the link. */
export async function createSession({ channel }: ApiContext, request: IncomingMessage, create: CreateRequest): Promise<ApiAnswer> {
  const { lines } = await channel.send<{ lines: string[] }>({ op: 'create', ...create, headers: headersOf(request) })
  return { cookies: lines }
}

async function act(context: ApiContext, request: IncomingMessage, action: Action, body: Record<string, unknown>): Promise<ApiAnswer> {
  if (body.key !== undefined) return actOnStored(context, action, body)
  const data = action === 'edit' ? dataObject(body.data) : undefined
  const { lines } = await context.channel.send<{ lines: string[] }>({ op: 'act', action, name: text(body.name, 'name'), data, headers: headersOf(request) })
  return { cookies: lines, body: {} }
}

/** Changes a stored session in its store, without a response to the session's own browser. */
async function actOnStored(context: ApiContext, action: Action, body: Record<string, unknown>): Promise<ApiAnswer> {
  const place = placeOf(sessionOf(context, body))
  if (action === 'edit') await context.channel.send({ op: 'edit', place, data: dataObject(body.data) })
  else if (action === 'expire') await context.channel.send({ op: 'expire', place })
  else throw new Error(`Only a response to the session's own browser can ${action} it.`)
  return { body: {} }
}

function sessionOf({ inspector }: ApiContext, { key }: Record<string, unknown>): RecordedSession {
  const session = inspector.find(text(key, 'key'))
  if (!session) throw new Error('The development server has no session with this key.')
  return session
}

function placeOf({ storage, name, handle }: RecordedSession): StoredPlace {
  if (storage === undefined) throw new Error('This is a cookie session. Only a response to its own browser can change or end it.')
  return { storage, name, handle }
}

/** The headers that the app may see. The panel's token is not one of them. */
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
  if (typeof value !== 'string') throw new Error(`"${key}" must be a string.`)
  return value
}

function dataObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('Session data must be a JSON object.')
  return value as JsonObject
}
