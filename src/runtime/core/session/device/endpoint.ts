import type { DeviceContext, DeviceRejection, DeviceSession } from '../../device/context'
import { devicePath, endInstructions, instructionsOf } from '../../device/instructions'
import type { DeviceStep } from '../../device/instructions'
import { readDeviceToken } from '../../device/jwt'
import { thumbprintOf } from '../../device/key'
import { refresh } from '../../device/refresh'
import { register } from '../../device/registration'
import type { RegisteredKey } from '../../device/registration'
import { ChallengeResponse } from '../../device/challenge-response'
import { sealName } from '../../device/session-name'
import type { BoundRecord } from '../../device/store-key'
import { REGISTRATION_MS } from '../../model/lifetimes'
import { SessionError } from '../../model/errors'
import type { RejectReason } from '../../model/errors'
import type { SessionDevice } from '../../model/types'
import { OverloadError } from '../../seal/keys'
import { proofCookie, removeProof, sendChallenge, sendNewProof } from './binding'
import { findLatest, findSession, nameOf } from './find-session'
import type { DeviceRequest } from './request'

/** How often a registration is tried again, because a request in parallel gave the session a new id. */
const MAX_TRIES = 16

/** `retry`: the outcome is not known yet, and the browser asks again later. */
export type DeviceOutcome = 'registered' | 'refreshed' | 'challenged' | 'rejected' | 'ended' | 'retry'

/** The answer to a browser, and what DevTools show of it. */
export interface DeviceAnswer {
  outcome: DeviceOutcome
  status: 200 | 403 | 503
  body: object | undefined
  /** Why it was rejected or challenged again, or why the session has ended. */
  reason: DeviceRejection | RejectReason | undefined
  handle: string | undefined
  userId: string | undefined
}

/** Answers a browser. Hostile requests get 403, and change nothing. @throws SESSION_STORE_UNAVAILABLE */
export async function answerDevice(request: DeviceRequest, step: DeviceStep): Promise<DeviceAnswer> {
  try {
    return await (step === 'register' ? answerRegistration(request) : answerRefresh(request))
  }
  catch (error) {
    // After other writes came first each time. A browser ends the binding at any status below 500.
    if (error instanceof SessionError && error.code === 'SESSION_CONFLICT') return answerOf('retry', 503, undefined)
    if (error instanceof OverloadError) return answerOf('retry', 503, 'overloaded')
    throw error
  }
}

async function answerRegistration(request: DeviceRequest): Promise<DeviceAnswer> {
  const response = readResponse(request)
  if (!response?.token.key) return answerOf('rejected', 403, 'malformed')
  const registered = await registerLatest(request, response)
  if (!registered) return answerOf('rejected', 403, 'session')
  const { session, stored } = registered
  if ('reason' in stored) return stored.reason === 'session' ? answerOf('retry', 503, undefined, session) : answerOf('rejected', 403, stored.reason, session)
  const { record, isRepeated } = stored
  // A copy of the token proves nothing. The browser has the proof of its login until it signs the next challenge.
  await (isRepeated ? sendChallenge : sendNewProof)(request, session.handle, record.device)
  return instruct(request, 'registered', session, record)
}

/** Registers the key for the session under its present id, also if it gets another one meanwhile. `undefined` if it has ended. */
async function registerLatest(request: DeviceRequest, response: ChallengeResponse): Promise<{ session: DeviceSession, stored: RegisteredKey } | undefined> {
  for (let tries = 1; ; tries++) {
    const session = await findLatest(request, response)
    if (!session || 'reason' in session) return undefined
    const stored = await register(toDeviceContext(request), session, response)
    const hasNewId = 'reason' in stored && stored.reason === 'session'
    if (!hasNewId || tries === MAX_TRIES) return { session, stored }
  }
}

async function answerRefresh(request: DeviceRequest): Promise<DeviceAnswer> {
  const { env } = request
  const response = readResponse(request)
  const session = await findSession(request, response)
  if (!session || 'reason' in session) return endOrRetry(request, session?.reason)
  const { createdAt, device } = session.found.record
  // The browser may still renew the session before this login, by its key: the registration is under way, or its answer.
  // With a new challenge, it would sign by that key until it gives up the binding.
  if (env.now() - createdAt < REGISTRATION_MS && !await isOfKey(request, device)) return answerOf('retry', 503, undefined, session)
  if (!device) return end(request, 'session')
  const isAnswer = request.transport.requestHeader('secure-session-response') !== undefined
  const stored = response ? await refresh(toDeviceContext(request), session, device, response) : { reason: 'malformed' as const }
  if ('record' in stored) {
    await sendNewProof(request, session.handle, stored.record.device)
    return instruct(request, 'refreshed', session, stored.record)
  }
  if (stored.reason === 'session') return answerOf('retry', 503, undefined, session)
  await sendChallenge(request, session.handle, device)
  return answerOf('challenged', 403, isAnswer ? stored.reason : undefined, session)
}

async function instruct(request: DeviceRequest, outcome: 'registered' | 'refreshed', session: DeviceSession, record: BoundRecord): Promise<DeviceAnswer> {
  const { env, config } = request
  const path = devicePath(env.basePath, config.deviceRoute!, 'refresh')
  const refreshPath = `${path}${path.includes('?') ? '&' : '?'}session=${await sealName(session.handle, record, request)}`
  return { ...answerOf(outcome, 200, undefined, session), body: instructionsOf(proofCookie(request), request.identifier, refreshPath) }
}

/** Whether the browser renews by this key, as far as the URL says. */
async function isOfKey(request: DeviceRequest, device: SessionDevice | undefined): Promise<boolean> {
  if (!device) return false
  const name = await nameOf(request)
  return name === undefined || name.key === thumbprintOf(device, request.env.hash)
}

/** A token that was not checked, or whose session has a newer one, does not say that the session has ended. */
function endOrRetry(request: DeviceRequest, reason: RejectReason | undefined): DeviceAnswer {
  return reason === 'overloaded' || reason === 'superseded' ? answerOf('retry', 503, reason) : end(request, reason ?? 'session')
}

function end(request: DeviceRequest, reason: DeviceRejection | RejectReason): DeviceAnswer {
  removeProof(request)
  return { ...answerOf('ended', 200, reason), body: endInstructions(request.identifier) }
}

function readResponse(request: DeviceRequest): ChallengeResponse | undefined {
  const { env, transport, isOwnAudience } = request
  const text = transport.requestHeader('secure-session-response')
  const token = text === undefined ? undefined : readDeviceToken(text, { now: env.now(), isOwnAudience })
  return token && new ChallengeResponse(toDeviceContext(request), token)
}

function toDeviceContext({ env, config, persistence: { store }, verify, checks }: DeviceRequest): DeviceContext {
  return { env, config, store, verify, checks }
}

function answerOf(outcome: DeviceOutcome, status: DeviceAnswer['status'], reason: DeviceAnswer['reason'], session?: DeviceSession): DeviceAnswer {
  return { outcome, status, body: undefined, reason, handle: session?.handle, userId: session?.found.record.userId }
}
