import { parse } from 'cookie-es'
import { namesOf, splitIntoChunks } from '../../core/chunks'
import { resolveConfig } from '../../core/config'
import type { SessionContext } from '../../core/context'
import { renderCookies } from '../../core/cookies'
import { expiresAt, MAX_LIFETIME_MS } from '../../core/expiry'
import { clear, regenerate, replaceData } from '../../core/operations'
import { refusalOf, toSession } from '../../core/payload'
import { sealSession, unsealToken, withSealIterations } from '../../core/seal'
import type { Session, SessionDataShape } from '../../core/types'
import { useEnvironment } from '../environment'
import { openCarrier } from '../open'
import { sessionRuntimeConfig } from '../runtime-config'
import { CommandCarrier } from './command-carrier'
import type { WorkerCommand } from './messages'

/** What the panel asks of the app's own sessions, done by the same functions as in a route. */
export async function runCommand(command: WorkerCommand): Promise<unknown> {
  switch (command.op) {
    case 'names': return describeApp()
    case 'act': return act(command)
    case 'create': return create(command)
    case 'reveal': return reveal(command)
    case 'unseal': return unseal(command.token, command.name)
  }
}

function describeApp() {
  const runtime = sessionRuntimeConfig()
  const config = resolveConfig(undefined, runtime, { needsPassword: false })
  return {
    names: [config.name, ...Object.keys(runtime?.named ?? {}).filter(name => name !== config.name)],
    maxBytes: config.cookie === false ? 0 : config.cookie.maxBytes,
  }
}

async function act({ action, name, data, headers }: Extract<WorkerCommand, { op: 'act' }>): Promise<{ lines: string[] }> {
  const carrier = new CommandCarrier(headers)
  const context = await openCarrier(carrier, { name }, false)
  if (context.state.isNew) throw new Error(`This browser has no session "${name}" that the app accepts.`)
  if (action === 'edit') await replaceData(context, data as SessionDataShape)
  if (action === 'regenerate') await regenerate(context)
  if (action === 'clear') await clear(context)
  if (action === 'expire') carrier.lines = await expiredCookies(context, carrier)
  return { lines: carrier.lines }
}

async function create({ name, data, userId, maxAge, headers }: Extract<WorkerCommand, { op: 'create' }>): Promise<{ lines: string[] }> {
  // The browser's present session has no part in the new one; of its cookies only stale chunks count.
  const carrier = new CommandCarrier({ ...headers, cookie: chunksIn(headers.cookie, name) })
  const context = await openCarrier(carrier, { name }, false)
  await regenerate(context, { data: data as SessionDataShape, userId, maxAge })
  return { lines: carrier.lines }
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

async function reveal({ name, session }: Extract<WorkerCommand, { op: 'reveal' }>) {
  const config = resolveConfig({ name }, sessionRuntimeConfig())
  const token = await sealSession(session as Session, config, useEnvironment().now())
  const cookies = config.cookie === false ? undefined : splitIntoChunks(config.name, token, config.cookie.chunkMaxLength)
  return {
    token,
    header: config.sessionHeader,
    cookies: Array.from(cookies ?? [], ([key, value]) => ({ name: key, value })),
    cookie: {
      httpOnly: true, secure: false, partitioned: false,
      ...config.cookie !== false && {
        path: config.cookie.path, domain: config.cookie.domain, httpOnly: config.cookie.httpOnly ?? true,
        secure: config.cookie.secure === true, sameSite: config.cookie.sameSite, partitioned: config.cookie.partitioned ?? false,
      },
    },
  }
}

async function unseal(token: string, name: string | undefined) {
  const config = resolveConfig({ name }, sessionRuntimeConfig())
  const now = useEnvironment().now()
  const opened = await unsealToken(token, config, now)
  if (opened.ok) {
    const session = toSession(opened.value)
    if (!session) return { reason: 'malformed' }
    return {
      session, passwordIndex: opened.passwordIndex, isLegacy: opened.isLegacy,
      expiresAt: expiresAt(session, config), reason: refusalOf(session, config, now),
    }
  }
  return { reason: opened.reason, hint: opened.reason === 'tampered' ? await otherIterations(token, config, now) : undefined }
}

/** Whether the seal is right but for its number of iterations. */
async function otherIterations(token: string, config: ReturnType<typeof resolveConfig>, now: number): Promise<number | undefined> {
  for (const iterations of [1, 8192]) {
    const opened = await unsealToken(token, withSealIterations(config, iterations), now)
    if (opened.ok || opened.reason === 'expired') return iterations
  }
  return undefined
}
