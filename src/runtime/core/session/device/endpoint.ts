import type { ResolvedConfig } from '../../config/types'
import { joinChunks } from '../../cookie/cookies'
import { openChallenge, openHandle, sealHandle } from '../../device/challenge'
import type { DeviceContext, DeviceRefusal, DeviceSession } from '../../device/context'
import { devicePath, endInstructions, instructionsOf } from '../../device/instructions'
import type { DeviceStep } from '../../device/instructions'
import { readDeviceToken } from '../../device/jwt'
import type { DeviceToken } from '../../device/jwt'
import { refresh } from '../../device/refresh'
import { register } from '../../device/registration'
import { successorOf } from '../../device/successor'
import { REGISTRATION_MS } from '../../model/lifetimes'
import { SessionError } from '../../model/errors'
import type { RejectReason } from '../../model/errors'
import type { SessionDevice } from '../../model/types'
import { isAlive } from '../../store/record'
import type { SessionEnvironment, StorePersistence } from '../context'
import { findStored, recordRejection, reasonOf, toStoredSession } from '../persistence/stored-session'
import { openToken } from '../token'
import type { Transport } from '../transport'
import { proofCookie, removeProof, sendChallenge, sendNewProof } from './binding'

/** A request of a browser to register a key, or to renew its proof. */
export interface DeviceRequest {
  env: SessionEnvironment
  transport: Transport
  config: ResolvedConfig
  persistence: StorePersistence
  subtle: SubtleCrypto
  isOwnAudience: (audience: string) => boolean
  /** Of the session in the browser. */
  identifier: string
  /** The session of the URL, as {@link sealHandle} names it. */
  named?: string
}

/** `retry`: the outcome is not known yet, and the browser asks again later. */
export type DeviceOutcome = 'registered' | 'refreshed' | 'challenged' | 'refused' | 'ended' | 'retry'

/** The answer to a browser, and what DevTools show of it. */
export interface DeviceAnswer {
  outcome: DeviceOutcome
  status: 200 | 403 | 503
  body: object | undefined
  /** Why it was refused or challenged again, or why the session has ended. */
  reason: DeviceRefusal | RejectReason | undefined
  handle: string | undefined
  userId: string | undefined
}

type Found = DeviceSession | { reason: RejectReason | undefined }

/** Answers a browser. Hostile requests get 403, and change nothing. @throws SESSION_STORE_UNAVAILABLE */
export async function answerDevice(request: DeviceRequest, step: DeviceStep): Promise<DeviceAnswer> {
  try {
    return await (step === 'register' ? answerRegistration(request) : answerRefresh(request))
  }
  catch (error) {
    // After other writes came first each time. A browser ends the binding at any status below 500.
    if (error instanceof SessionError && error.code === 'SESSION_CONFLICT') return answerOf('retry', 503, undefined)
    throw error
  }
}

async function answerRegistration(request: DeviceRequest): Promise<DeviceAnswer> {
  const token = readToken(request)
  if (!token?.key) return answerOf('refused', 403, 'malformed')
  const session = await findLatest(request, token)
  if (!session || 'reason' in session) return answerOf('refused', 403, 'session')
  const kept = await register(contextOf(request), session, token)
  if ('refusal' in kept) return answerOf('refused', 403, kept.refusal, session)
  return prove(request, 'registered', session, kept.record.device)
}

async function answerRefresh(request: DeviceRequest): Promise<DeviceAnswer> {
  const { env } = request
  const token = readToken(request)
  const session = await find(request, token)
  if (!session || 'reason' in session) return endOrRetry(request, session?.reason)
  const { createdAt, device } = session.found.record
  // A registration may be under way, of a login in place of the session that the browser still renews.
  if (!device) return env.now() - createdAt < REGISTRATION_MS ? answerOf('retry', 503, undefined, session) : end(request, 'session')
  const isAnswer = request.transport.requestHeader('secure-session-response') !== undefined
  const kept = token ? await refresh(contextOf(request), session, device, token) : { refusal: 'malformed' as const }
  if ('record' in kept) return prove(request, 'refreshed', session, kept.record.device)
  if (kept.refusal === 'session') return answerOf('retry', 503, undefined, session)
  await sendChallenge(request, session.handle, device)
  return answerOf('challenged', 403, isAnswer ? kept.refusal : undefined, session)
}

async function prove(request: DeviceRequest, outcome: 'registered' | 'refreshed', session: DeviceSession, device: SessionDevice): Promise<DeviceAnswer> {
  const { env, config } = request
  await sendNewProof(request, session.handle, device)
  const path = devicePath(env.basePath, config.deviceRoute!, 'refresh')
  const refreshPath = `${path}${path.includes('?') ? '&' : '?'}session=${await sealHandle(session.handle, config, env.now())}`
  return { ...answerOf(outcome, 200, undefined, session), body: instructionsOf(proofCookie(request), request.identifier, refreshPath) }
}

/** A token that was not checked, or whose session has a newer one, does not say that the session has ended. */
function endOrRetry(request: DeviceRequest, reason: RejectReason | undefined): DeviceAnswer {
  return reason === 'overloaded' || reason === 'superseded' ? answerOf('retry', 503, reason) : end(request, reason ?? 'session')
}

function end(request: DeviceRequest, reason: DeviceRefusal | RejectReason): DeviceAnswer {
  removeProof(request)
  return { ...answerOf('ended', 200, reason), body: endInstructions(request.identifier) }
}

/**
 * The session of the cookie. Chromium leaves out a cookie with SameSite if another site began the navigation for which
 * it asks: a link in a mail, or the way back from an identity provider. Then the challenge names the session; only the
 * response to its login, or to a proof of its key, contained that challenge. After a restart, the browser has no challenge
 * either, but still the URL.
 */
async function find(request: DeviceRequest, token: DeviceToken | undefined): Promise<Found | undefined> {
  return await findByCookie(request) ?? (token && await findByChallenge(request, token)) ?? findByUrl(request)
}

/**
 * The session under its present id. If it got that id since the login, the browser may still send the cookie of the one
 * before, or a thief has asked for the new one: bound, it is of no use to the thief.
 */
async function findLatest(request: DeviceRequest, token: DeviceToken): Promise<Found | undefined> {
  const session = await find(request, token)
  if (!session || !('reason' in session) || session.reason !== 'superseded') return session
  const challenge = await openChallenge(token.challenge, request.config, request.env.now())
  const latest = challenge && await successorOf(request.persistence.store, challenge.handle)
  return latest === undefined ? session : findByHandle(request, latest)
}

/** `undefined` without a cookie. */
async function findByCookie({ env, transport, config, persistence: { store } }: DeviceRequest): Promise<Found | undefined> {
  const cookie = joinChunks(config.name, transport.requestCookies())
  if (cookie === undefined) return undefined
  const found = await findStored({ env, config, store, isProving: true }, await openToken(cookie, config, env.now()))
  if ('reason' in found) return found
  const { stored } = found
  return stored?.known ? { handle: stored.key, found: stored.known } : { reason: undefined }
}

async function findByChallenge(request: DeviceRequest, token: DeviceToken): Promise<Found | undefined> {
  const challenge = await openChallenge(token.challenge, request.config, request.env.now())
  return challenge && findByHandle(request, challenge.handle)
}

async function findByUrl(request: DeviceRequest): Promise<Found | undefined> {
  const { named, config, env } = request
  const handle = named === undefined ? undefined : await openHandle(named, config, env.now())
  return handle === undefined ? undefined : findByHandle(request, handle)
}

async function findByHandle({ env, config, persistence: { store } }: DeviceRequest, handle: string): Promise<Found> {
  const found = await store.get(handle)
  if (!isAlive(found)) return { reason: reasonOf(found) }
  const reason = recordRejection(toStoredSession('', found.record), found, config, env.now())
  return reason === undefined ? { handle, found } : { reason }
}

function readToken({ env, transport, isOwnAudience }: DeviceRequest): DeviceToken | undefined {
  const text = transport.requestHeader('secure-session-response')
  return text === undefined ? undefined : readDeviceToken(text, { now: env.now(), isOwnAudience })
}

function contextOf({ env, config, persistence: { store }, subtle }: DeviceRequest): DeviceContext {
  return { env, config, store, subtle }
}

function answerOf(outcome: DeviceOutcome, status: DeviceAnswer['status'], reason: DeviceAnswer['reason'], session?: DeviceSession): DeviceAnswer {
  return { outcome, status, body: undefined, reason, handle: session?.handle, userId: session?.found.record.userId }
}
