import type { IncomingMessage } from 'node:http'
import type { AppFacts, NamedOptions, ObservedSession, OwnReport, StoredPlace } from '../runtime/server/devtools/messages'
import { headersForApp } from './browser-request'
import type { Changes } from './changes'
import type { WorkerChannel } from './channel'
import type { RecordedSession } from './inspected'
import { LIMITS } from './inspector'
import type { Inspector } from './inspector'
import type { DataResponse, JsonObject, PanelOperations, Presets, RevealResponse, StateResponse } from './protocol'
import type { StoreReader } from './store-reader'
import type { Tickets } from './tickets'
import { unsealText } from './unseal'

export interface ApiContext {
  inspector: Inspector
  channel: WorkerChannel
  stores: StoreReader
  tickets: Tickets
  /** Tells pages without DevTools of changes. */
  changes: Changes
  presets: Presets
  baseURL: string
  /** Path of the panel and its API, with the app's base URL. */
  base: string
  /** Vite's URL that opens a file in the editor, up to the file's path in the project. Absent without Vite. */
  editor?: string
}

/** A response of the API. `cookies` are Set-Cookie lines for the panel's browser. `pass`: the URL at which Vite answers the request. */
export interface ApiAnswer<Body = unknown> { body?: Body, cookies?: string[], pass?: string }

type RequestBody = Record<string, unknown>
type Operation<Body = void> = (context: ApiContext, body: RequestBody, request: IncomingMessage) => Promise<ApiAnswer<Body>>

export const OPERATIONS: { [Name in keyof PanelOperations]: Operation<ReturnType<PanelOperations[Name]>> } = {
  state: async (context, _, request) => ({ body: await stateOf(context, request) }),
  data: async (context, body) => ({ body: await dataOf(context, sessionOf(context, body)) }),
  async event({ inspector }, { seq }) {
    const body = inspector.requests.dataOf(Number(seq))
    if (!body) throw new Error('The data of this event is no longer kept.')
    return { body }
  },
  options: async ({ channel }) => ({ body: { sessions: await channel.send<NamedOptions[]>({ op: 'options' }) } }),
  async forget({ inspector }) {
    inspector.forget(Date.now())
    return {}
  },
  async open({ inspector, editor }, body) {
    const source = text(body.source, 'source')
    if (!inspector.requests.all().some(({ events }) => events.some(({ sources }) => sources.includes(source)))) throw new Error('No event has this source.')
    if (editor === undefined) throw new Error('This server cannot open an editor.')
    return { pass: editor + encodeURIComponent(source) }
  },
  edit: act('edit'),
  restore: act('edit'),
  regenerate: act('regenerate'),
  expire: act('expire'),
  clear: act('clear'),
  async revoke(context, body) {
    await context.channel.send({ op: 'revoke', place: placeOf(sessionOf(context, body)) })
    return {}
  },
  async create({ tickets, base }, { name, data, userId, maxAge }) {
    const { ticket, expiresAt } = tickets.issue({
      name: text(name, 'name'),
      data: dataObject(data),
      ...typeof userId === 'string' && userId !== '' && { userId },
      ...typeof maxAge === 'number' && { maxAge },
    })
    return { body: { link: `${base}/use/${ticket}`, expiresAt } }
  },
  async reveal(context, body) {
    const recorded = sessionOf(context, body)
    if (recorded.keeper === 'h3') throw new Error('The app manages this session with h3\'s own useSession. This module does not have its password.')
    if (recorded.id === undefined) throw new Error('No request has used this session yet, and the store contains only the hash of its id.')
    const { name, id, createdAt, userId, authenticatedAt, maxAge, idleTimeout, storage, lastUsedAt: lastSeenAt } = recorded
    // The seal of a stored session has no data.
    const { data, flash } = storage === undefined ? await dataOf(context, recorded) : { data: {} }
    const session = { id, createdAt, data, flash, userId, authenticatedAt, maxAge, idleTimeout, name, lastSeenAt }
    return { body: await context.channel.send<RevealResponse>({ op: 'reveal', name, isStored: storage !== undefined, session }) }
  },
  async unseal({ channel }, body) {
    const { names } = await channel.send<AppFacts>({ op: 'app', cookie: '' })
    return { body: { results: await unsealText(channel, text(body.text, 'text'), names) } }
  },
}

async function stateOf({ inspector, channel, stores, presets }: ApiContext, { url, headers }: IncomingMessage): Promise<StateResponse> {
  const cookie = headers.cookie ?? ''
  const facts = await channel.send<AppFacts>({ op: 'app', cookie })
  await stores.refresh(facts)
  const { names, maxBytes, storages, own } = facts
  const unknown = inspector.own.unknown(cookie, names, own)
  if (unknown.length > 0) {
    for (const { message, verdict } of await channel.send<OwnReport[]>({ op: 'own', cookie, names: unknown })) {
      inspector.record(message)
      if (verdict) inspector.explain(verdict)
    }
  }
  const allNames = new Set([...names, ...inspector.requests.all().flatMap(({ events }) => events.map(({ name }) => name))])
  return {
    ...inspector.changesSince(new URLSearchParams(url?.split('?')[1]).get('since') ?? undefined),
    names, presets,
    current: inspector.own.keys(cookie, [...allNames], own),
    limits: { ...LIMITS, maxBytes },
    stores: stores.reports.map(({ storage, hasMore, error }) => ({ storage, names: names.filter(name => storages[name] === storage), hasMore, error })),
  }
}

async function dataOf({ inspector, channel }: ApiContext, session: RecordedSession): Promise<DataResponse> {
  const { key, storage, isCut } = session
  if (isCut) throw new Error('The data is too large to show here.')
  const kept: Pick<ObservedSession, 'data' | 'flash' | 'isCut'> | undefined = inspector.dataOf(key) ?? (storage === undefined ? undefined : await channel.send<ObservedSession | undefined>({ op: 'read', place: placeOf(session) }))
  if (!kept || kept.isCut) throw new Error('The data of this session is too large, or no longer kept.')
  return { data: kept.data, flash: kept.flash } as DataResponse
}

/** Changes the session of this browser, or the stored session with the body's key without a response to its own browser. */
function act(action: 'edit' | 'regenerate' | 'expire' | 'clear'): Operation {
  return async (context, body, request) => {
    const { channel } = context
    if (body.key === undefined) {
      const data = action === 'edit' ? dataObject(body.data) : undefined
      const { lines } = await channel.send<{ lines: string[] }>({ op: 'act', action, name: text(body.name, 'name'), data, headers: headersForApp(request) })
      return { cookies: lines }
    }
    const place = placeOf(sessionOf(context, body))
    if (action === 'edit') await channel.send({ op: 'edit', place, data: dataObject(body.data) })
    else if (action === 'expire') await channel.send({ op: 'expire', place })
    else throw new Error(`Only a response to the session's own browser can ${action} it.`)
    return {}
  }
}

function sessionOf({ inspector }: ApiContext, { key }: RequestBody): RecordedSession {
  const session = inspector.find(text(key, 'key'))
  if (!session) throw new Error('The development server has no session with this key.')
  return session
}

function placeOf({ storage, name, handle }: RecordedSession): StoredPlace {
  if (storage === undefined) throw new Error('This is a cookie session. Only a response to its own browser can change or end it.')
  return { storage, name, handle }
}

function text(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new Error(`"${key}" must be a string.`)
  return value
}

function dataObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('Session data must be a JSON object.')
  return value as JsonObject
}
