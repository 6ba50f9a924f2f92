import type { ResolvedConfig } from '../../core/config'
import type { SessionEnvironment } from '../../core/context'
import { expiresAt } from '../../core/expiry'
import { isOfName, isReference, refusalOf, toSession } from '../../core/payload'
import type { SessionReference } from '../../core/payload'
import { unsealToken, withSealIterations } from '../../core/seal'
import type { UnsealResult } from '../../core/seal'
import { findStored, isAlive, reasonOf, recordRefusal, toStoredSession } from '../../core/stored-session'
import type { Session, SessionDataShape } from '../../core/types'
import { copyOf } from './copy'
import type { TokenVerdict } from './messages'

type Environment = Pick<SessionEnvironment, 'hash' | 'now' | 'storeOf'>
type Opened = Extract<UnsealResult, { value: unknown }>

/**
 * What a token holds and what the app would say of it. Of several configurations, the one counts whose name the
 * token says. @throws SESSION_STORE_UNAVAILABLE
 */
export async function judgeToken(env: Environment, token: string, configs: readonly ResolvedConfig[]): Promise<TokenVerdict> {
  let refused: { opened: UnsealResult, config: ResolvedConfig } | undefined
  for (const config of configs) {
    const opened = await unsealToken(token, config, env.now())
    if ('value' in opened && isOfName(nameIn(opened.value), config)) return judge(env, opened, config)
    if (!refused || (!('value' in refused.opened) && 'value' in opened)) refused = { opened, config }
  }
  if (!refused) return { reason: 'malformed' }
  const { opened, config } = refused
  if ('value' in opened) return judge(env, opened, config)
  return { reason: opened.reason, hint: opened.reason === 'tampered' ? await otherIterations(env, token, config) : undefined }
}

async function judge(env: Environment, opened: Opened, config: ResolvedConfig): Promise<TokenVerdict> {
  const { value } = opened
  const facts = {
    sealedName: nameIn(value).name,
    storage: config.storage,
    ...opened.ok && { passwordIndex: opened.passwordIndex, isFallback: opened.isFallback },
  }
  if (isReference(value)) return { holds: 'reference', ...facts, ...await judgeReference(env, value, opened, config) }
  const session = toSession(value)
  if (!session) return { reason: 'malformed' }
  return { holds: 'session', ...facts, ...show(session, config), ...await judgeWhole(env, session, opened, config) }
}

async function judgeReference(env: Environment, reference: SessionReference, opened: Opened, config: ResolvedConfig): Promise<TokenVerdict> {
  if (config.storage === undefined) return { reason: 'malformed' }
  if (!isOfName(reference, config)) return { reason: 'foreign' }
  if (!opened.ok) return { reason: 'expired' }
  const found = await env.storeOf(config).get(env.hash(reference.id))
  if (found === undefined) return { reason: 'expired', record: 'none' }
  if (!isAlive(found)) return { reason: reasonOf(found), ...'malformed' in found && { record: 'broken' } }
  const session = toStoredSession(reference.id, found.record)
  return { ...show(session, config), reason: recordRefusal(session, found, config, env.now()) }
}

async function judgeWhole(env: Environment, session: Session<SessionDataShape>, opened: Opened, config: ResolvedConfig): Promise<TokenVerdict> {
  // The seal ends with its session: what the session says is the more exact reason.
  const reason = refusalOf(session, config, env.now()) ?? (opened.ok ? undefined : 'expired')
  if (reason !== undefined || config.storage === undefined) return { reason }
  const { migrateUntil: until } = config
  const takeover = { isOpen: until !== undefined && env.now() < until, until }
  const found = await findStored({ env, config, store: env.storeOf(config) }, { session, passwordIndex: 0, isFallback: false })
  return { takeover, ...'reason' in found && { reason: found.reason } }
}

function show(session: Session<SessionDataShape>, config: ResolvedConfig): TokenVerdict {
  return { session: copyOf(session), expiresAt: expiresAt(session, config) }
}

function nameIn(value: unknown): { name?: string } {
  const { name } = (value ?? {}) as { name?: unknown }
  return typeof name === 'string' ? { name } : {}
}

/** Whether the seal is right but for its number of iterations. */
async function otherIterations(env: Environment, token: string, config: ResolvedConfig): Promise<number | undefined> {
  for (const iterations of [1, 8192]) {
    if ('value' in await unsealToken(token, withSealIterations(config, iterations), env.now())) return iterations
  }
  return undefined
}
