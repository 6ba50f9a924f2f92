import { parse } from 'cookie-es'
import { namesOf, renderCookies } from '../../core/cookie/cookies'
import type { SessionContext } from '../../core/session/context'
import { MAX_LIFETIME_MS } from '../../core/model/lifetimes'
import { regenerate, replaceData } from '../../core/session/manager'
import { clear } from '../../core/session/transaction'
import { sealSession } from '../../core/seal/seal'
import type { SessionDataShape } from '../../core/model/types'
import { openEvent } from '../open'
import { CommandTransport } from './command-carrier'
import type { ObservedMessage, WorkerCommand } from './messages'
import { expire as expireStored } from './stores'

type Report = (message: ObservedMessage) => void

/** Changes or ends the session of the panel's browser. */
export async function act({ action, name, data, headers }: Extract<WorkerCommand, { op: 'act' }>, report: Report): Promise<{ lines: string[] }> {
  const transport = new CommandTransport(headers)
  const context = await openEvent(transport.event, { name }, 'open', transport)
  if (context.state.isNew) throw new Error(`This browser has no session "${name}" that the app accepts.`)
  if (action === 'edit') await replaceData(context, data as SessionDataShape)
  if (action === 'regenerate') await regenerate(context)
  if (action === 'clear') await clear(context)
  if (action === 'expire') await expire(context, transport, report)
  return { lines: transport.lines }
}

/** Creates a session for the browser that opened the link. */
export async function create({ name, data, userId, maxAge, headers }: Extract<WorkerCommand, { op: 'create' }>): Promise<{ lines: string[] }> {
  // The browser's current session must not reach the new one. Only its chunks are passed on, so that they are removed.
  const transport = new CommandTransport({ ...headers, cookie: staleChunks(headers.cookie, name) })
  const context = await openEvent(transport.event, { name }, 'open', transport)
  await regenerate(context, { data: data as SessionDataShape, userId, maxAge })
  return { lines: transport.lines }
}

async function expire(context: SessionContext, transport: CommandTransport, report: Report): Promise<void> {
  const { config: { name, storage }, state: { stored } } = context
  if (storage !== undefined && stored) report(await expireStored({ name, storage, handle: stored.key }))
  else transport.lines = await expiredCookies(context, transport)
}

/** Returns a Cookie header with the request's chunk cookies, without their values. */
function staleChunks(cookieHeader: string | undefined, name: string): string {
  const names = namesOf(name, parse(cookieHeader ?? '') as Record<string, string>)
  return names.filter(key => key !== name).map(key => `${key}=stale`).join('; ')
}

/** Returns Set-Cookie lines of the same session with an expiry in the past. The browser still sends this cookie. */
async function expiredCookies({ env, config, state, transport }: SessionContext, { lines }: CommandTransport): Promise<string[]> {
  if (config.cookie === false) return lines
  const now = env.now()
  const lifetime = (state.record.maxAge ?? config.maxAge ?? MAX_LIFETIME_MS / 1000) * 1000
  const expired = { ...state.record, createdAt: now - lifetime - 1000 }
  const token = await sealSession(expired, { ...config, sealTtl: 0 }, now)
  return renderCookies({
    name: config.name,
    token,
    cookie: config.cookie,
    secure: config.cookie.secure === true,
    end: undefined,
    now,
    requestCookies: transport.requestCookies(),
    sharedWith: config.sharedWith,
    lines,
  })
}
