import { parse } from 'cookie-es'
import { namesOf } from '../../core/chunks'
import type { SessionContext } from '../../core/context'
import { renderCookies } from '../../core/cookies'
import { MAX_LIFETIME_MS } from '../../core/expiry'
import { AS_IT_IS } from '../../core/open'
import { clear, regenerate, replaceData } from '../../core/operations'
import { sealSession } from '../../core/seal'
import type { SessionDataShape } from '../../core/types'
import { openCarrier } from '../open'
import { CommandCarrier } from './command-carrier'
import type { ObservedMessage, WorkerCommand } from './messages'
import { expire as expireStored } from './stores'

type Tell = (message: ObservedMessage) => void

/** Does something to the session of the browser that asks. */
export async function act({ action, name, data, headers }: Extract<WorkerCommand, { op: 'act' }>, tell: Tell): Promise<{ lines: string[] }> {
  const carrier = new CommandCarrier(headers)
  const context = await openCarrier(carrier, { name }, AS_IT_IS)
  if (context.state.isNew) throw new Error(`This browser has no session "${name}" that the app accepts.`)
  if (action === 'edit') await replaceData(context, data as SessionDataShape)
  if (action === 'regenerate') await regenerate(context)
  if (action === 'clear') await clear(context)
  if (action === 'expire') await expire(context, carrier, tell)
  return { lines: carrier.lines }
}

/** Begins a session for the browser that asks. */
export async function create({ name, data, userId, maxAge, headers }: Extract<WorkerCommand, { op: 'create' }>): Promise<{ lines: string[] }> {
  // The browser's present session has no part in the new one; of its cookies only stale chunks count.
  const carrier = new CommandCarrier({ ...headers, cookie: chunksIn(headers.cookie, name) })
  const context = await openCarrier(carrier, { name }, AS_IT_IS)
  await regenerate(context, { data: data as SessionDataShape, userId, maxAge })
  return { lines: carrier.lines }
}

async function expire(context: SessionContext, carrier: CommandCarrier, tell: Tell): Promise<void> {
  const { config: { name, storage }, state: { stored } } = context
  if (storage !== undefined && stored) tell(await expireStored({ name, storage, handle: stored.key }))
  else carrier.lines = await expiredCookies(context, carrier)
}

/** The chunks among a request's cookies, without what they hold. */
function chunksIn(cookieHeader: string | undefined, name: string): string {
  const names = namesOf(name, parse(cookieHeader ?? '') as Record<string, string>)
  return names.filter(key => key !== name).map(key => `${key}=stale`).join('; ')
}

/** The session with an end in the past, in a cookie that the browser still sends. */
async function expiredCookies({ env, config, state, carrier }: SessionContext, { lines }: CommandCarrier): Promise<string[]> {
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
    requestCookies: carrier.requestCookies(),
    sharedWith: config.sharedWith,
    lines,
  })
}
