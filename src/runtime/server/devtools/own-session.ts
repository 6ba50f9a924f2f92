import { parse } from 'cookie-es'
import { namesOf, renderCookies } from '../../core/cookie/cookies'
import type { SessionContext } from '../../core/session/context'
import { openSession } from '../../core/session/open'
import { regenerate, replaceData } from '../../core/session/manager'
import { clear } from '../../core/session/transaction'
import { sealSession } from '../../core/seal/seal'
import type { SessionDataShape } from '../../core/model/types'
import { readToken } from '../../core/session/token'
import { useEnvironment } from '../environment'
import { CommandTransport } from './command-transport'
import type { KnownOptions } from './known-options'
import type { CommandOf, ObservedMessage, OwnReport } from './messages'
import { describeCookies } from './observe'
import { expiredCopy, expireStored, storeOf } from './stores'
import { inspectToken, toVerdict } from './token-verdict'

/** Opens sessions of the panel's browser that no request has used since the server started. */
export async function openOwn(known: KnownOptions, { cookie, names }: CommandOf<'own'>): Promise<OwnReport[]> {
  const env = useEnvironment()
  const transport = new CommandTransport({ cookie })
  return Promise.all(names.map(async (name): Promise<OwnReport> => {
    const { config } = known.of(name)
    const token = readToken(transport, { name, sessionHeader: false })?.value ?? ''
    const inspected = await inspectToken(env, token, [config])
    const { reason, session, expiresAt, storage, passwordIndex, isFallback, migration } = inspected
    const common = { type: 'observed', at: env.now(), method: 'DevTools', path: '', keeper: 'module', transport: 'cookie', name, ...describeCookies(name, transport) } as const
    if (reason === undefined) return { message: { ...common, kind: 'renew', session, expiresAt, passwordIndex, isFallback, storage: migration ? undefined : storage } }
    const verdict = env.generateId()
    return { message: { ...common, kind: 'reject', reason, verdict }, verdict: toVerdict(env, { of: verdict, token, reason, name }, inspected) }
  }))
}

/** Changes or ends the session of the panel's browser. */
export async function act(known: KnownOptions, { action, name, data, headers }: CommandOf<'act'>, report: (message: ObservedMessage) => void): Promise<{ lines: readonly string[] }> {
  const transport = new CommandTransport(headers)
  const context = await openWith(known, name, transport)
  const { config: { storage }, state: { isNew, stored } } = context
  if (isNew) throw new Error(`This browser has no session "${name}" that the app accepts.`)
  if (action === 'edit') await replaceData(context, data as SessionDataShape)
  else if (action === 'regenerate') await regenerate(context)
  else if (action === 'clear') await clear(context)
  else if (storage === undefined || !stored) return { lines: await expiredCookies(context) }
  else report(await expireStored(await storeOf(known, { name, storage }), { name, storage, handle: stored.key }))
  return { lines: transport.lines }
}

/** Creates a session for the browser that opened the link. */
export async function create(known: KnownOptions, { name, data, userId, maxAge, headers }: CommandOf<'create'>): Promise<{ lines: readonly string[] }> {
  // The browser's current session must not reach the new one. Only its chunks are passed on, so that they are removed.
  const transport = new CommandTransport({ ...headers, cookie: staleChunks(headers.cookie, name) })
  const context = await openWith(known, name, transport)
  await regenerate(context, { data: data as SessionDataShape, userId, maxAge })
  return { lines: transport.lines }
}

async function openWith(known: KnownOptions, name: string, transport: CommandTransport): Promise<SessionContext> {
  const { config, siblings } = known.of(name)
  return openSession(useEnvironment(), transport, config, siblings, 'open')
}

/** Returns a Cookie header with the request's chunk cookies, without their values. */
function staleChunks(cookieHeader: string | undefined, name: string): string {
  const names = namesOf(name, parse(cookieHeader ?? '') as Record<string, string>)
  return names.filter(key => key !== name).map(key => `${key}=stale`).join('; ')
}

/** Returns Set-Cookie lines of the same session with an expiry in the past. The browser still sends this cookie. */
async function expiredCookies({ env, config, state, transport }: SessionContext): Promise<readonly string[]> {
  const { name, cookie, sharedWith } = config
  const lines = transport.setCookies()
  if (cookie === false) return lines
  const now = env.now()
  const token = await sealSession(expiredCopy(state.record, config, now), { ...config, sealTtl: 0 }, now)
  const secure = cookie.secure === true
  return renderCookies({ name, token, cookie, secure, end: undefined, now, requestCookies: transport.requestCookies(), sharedWith, lines })
}
