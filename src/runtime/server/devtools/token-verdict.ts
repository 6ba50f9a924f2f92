import type { ResolvedConfig } from '../../core/config/types'
import type { SessionEnvironment } from '../../core/session/context'
import { createOpeners, withIterations } from '../../core/config/seal-openers'
import { dropProtoKeys } from '../../core/model/data'
import { expiresAt } from '../../core/model/lifetimes'
import { isOfName, isReference, isSession, rejectReasonOf } from '../../core/model/shape'
import type { SessionReference } from '../../core/model/shape'
import { unsealToken } from '../../core/seal/seal'
import type { UnsealResult } from '../../core/seal/seal'
import { findStored, reasonOf, recordRejection, toStoredSession } from '../../core/session/persistence/stored-session'
import { isAlive } from '../../core/store/record'
import type { Session, SessionDataShape } from '../../core/model/types'
import type { SessionHost } from '../../adapters/shared/host'
import { isDeeper, MAX_LEVELS } from './depth'
import { limitOf } from './limits'
import type { InspectedToken, VerdictReport } from './messages'
import { copyOf } from './observe'
import { tokenFacts } from './token-facts'

/** The session and its data are two levels. */
const SESSION_LEVELS = MAX_LEVELS + 10

type Opened = Extract<UnsealResult, { value: unknown }>
type Environment = SessionEnvironment & { readonly host: Pick<SessionHost, 'mountOf'> }

/**
 * Returns a token's content and whether the app accepts it. The name in the seal selects one of several configurations.
 * @throws SESSION_STORE_UNAVAILABLE
 */
export async function inspectToken(env: Environment, token: string, configs: readonly ResolvedConfig[]): Promise<InspectedToken> {
  const attempts: { config: ResolvedConfig, opened: UnsealResult }[] = []
  for (const config of configs) attempts.push({ config, opened: await unsealToken(token, config, env.now()) })
  const { config, opened } = attempts.find(({ config, opened }) => 'value' in opened && isOfName(nameIn(opened.value), config))
    ?? attempts.find(({ opened }) => 'value' in opened)
    ?? attempts[0]!
  if ('value' in opened) return inspectOpened(env, opened, config)
  return { reason: opened.reason, iterations: opened.reason === 'tampered' ? await findIterations(env, token, config) : undefined }
}

/** Describes why a token was rejected, with neither the token nor the session's data. */
export function toVerdict(
  { hash }: Pick<SessionEnvironment, 'hash'>, { of, token, reason, name }: { of: string, token: string, reason: string, name: string }, { session, id, ...inspected }: InspectedToken,
): VerdictReport {
  const { userId, createdAt = 0, data } = session ?? {}
  return {
    type: 'verdict', of, reason, name,
    handle: id === undefined ? undefined : hash(id),
    token: tokenFacts(token),
    inspected: { ...inspected, ...session && { session: { userId, createdAt, data: { user: data?.user, public: { name: (data?.public as { name?: unknown } | undefined)?.name } } } } },
  }
}

async function inspectOpened(env: Environment, opened: Opened, config: ResolvedConfig): Promise<InspectedToken> {
  const { value } = opened
  const seal = opened.ok && { passwordIndex: opened.passwordIndex, isFallback: opened.isFallback }
  const facts = { sealedName: nameIn(value).name, storage: config.storage, ...seal }
  if (isReference(value)) return { content: 'reference', ...facts, ...await inspectReference(env, value, opened, config) }
  if (isDeeper(value, SESSION_LEVELS)) return { reason: 'malformed', isTooDeep: true }
  if (!isSession(value)) return { reason: 'malformed' }
  dropProtoKeys(value)
  return { content: 'session', ...facts, ...describeSession(value, config), ...await inspectCookieSession(env, value, opened, config) }
}

async function inspectReference(env: Environment, reference: SessionReference, opened: Opened, config: ResolvedConfig): Promise<InspectedToken> {
  const { id } = reference
  if (config.storage === undefined) return { reason: 'malformed' }
  if (!isOfName(reference, config)) return { reason: 'foreign' }
  if (!opened.ok) return { id, reason: 'expired' }
  const { store } = await env.persistenceOf(config)
  const found = await store.get(env.hash(reference.id))
  if (found === undefined) return { id, reason: 'expired', record: 'missing', ...isInMemory(config.storage, env) && { isInMemory: true } }
  if (!isAlive(found)) return { id, reason: reasonOf(found), ...'malformed' in found ? { record: 'malformed' } : { successor: found.successor } }
  const session = toStoredSession(reference.id, found.record)
  const reason = recordRejection(session, found, config, env.now())
  return { ...describeSession(session, config), reason, limit: limitOf(session, config, reason) }
}

function isInMemory(storage: string, { host }: Environment): boolean {
  return (host.mountOf(`${storage}:`).driver as { name?: string }).name === 'memory'
}

async function inspectCookieSession(env: SessionEnvironment, session: Session<SessionDataShape>, opened: Opened, config: ResolvedConfig): Promise<InspectedToken> {
  // A seal expires together with its session, and the session gives the more exact reason.
  const reason = rejectReasonOf(session, config, env.now()) ?? (opened.ok ? undefined : 'expired')
  if (reason !== undefined || config.storage === undefined) return { reason, limit: limitOf(session, config, reason) }
  const { migrateUntil: until } = config
  const migration = { isOpen: until !== undefined && env.now() < until, until }
  const { store } = await env.persistenceOf(config)
  const found = await findStored({ env, config, store }, { session, passwordIndex: 0, isFallback: false })
  return { migration, ...'reason' in found && { reason: found.reason } }
}

function describeSession(session: Session<SessionDataShape>, config: ResolvedConfig): InspectedToken {
  return { id: session.id, session: copyOf(session), expiresAt: expiresAt(session, config) }
}

function nameIn(value: unknown): { name?: string } {
  const { name } = (value ?? {}) as { name?: unknown }
  return typeof name === 'string' ? { name } : {}
}

/** Returns the number of iterations with which a configured password opens the seal, if one of the usual numbers does. */
async function findIterations(env: SessionEnvironment, token: string, config: ResolvedConfig): Promise<number | undefined> {
  for (const iterations of [1, 8192]) {
    const options = { ...config, seal: withIterations(config.seal, iterations), legacySealFallback: false }
    const opened = await unsealToken(token, { ...config, openers: createOpeners(config.createCodec, options) }, env.now())
    if ('value' in opened) return iterations
  }
  return undefined
}
