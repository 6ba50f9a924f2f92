import type { DeviceContext, DeviceRejection, DeviceSession } from '../../device/context'
import { devicePath, endInstructions, instructionsOf } from '../../device/instructions'
import { readDeviceToken } from '../../device/jwt'
import { refresh } from '../../device/refresh'
import { register } from '../../device/registration'
import type { RegisteredKey } from '../../device/registration'
import { ChallengeResponse } from '../../device/challenge-response'
import { sealName } from '../../device/session-name'
import type { BoundRecord } from '../../device/store-key'
import { REGISTRATION_MS } from '../../model/lifetimes'
import { SessionError } from '../../model/errors'
import type { RejectReason } from '../../model/errors'
import { OverloadError } from '../../seal/keys'
import { once } from '../../utils/once'
import { proofCookie, removeProof, sendChallenge, sendNewProof } from './binding'
import { shownIn } from './attempt-budget'
import { findSession, findUnregistered, MAX_TRIES } from './find-session'
import type { NotFound } from './find-session'
import type { DeviceRequest } from './request'

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

/** Reads the token of a request once, when it is needed. */
type ReadResponse = () => ChallengeResponse | undefined

/** Answers a browser. Hostile requests bind, renew and end nothing; too many of them have to wait. @throws SESSION_STORE_UNAVAILABLE */
export async function answerDevice(request: DeviceRequest): Promise<DeviceAnswer> {
  const response = once(() => readResponse(request))
  const shown = shownIn(request, response)
  const budget = shown === undefined ? undefined : request.attempts.usedUpBudget(shown, request.env.now())
  if (budget !== undefined) return throttle(request, response, budget)
  try {
    return await (request.step === 'register' ? answerRegistration(request, response) : answerRefresh(request, response))
  }
  catch (error) {
    // After other writes came first each time. A browser ends the binding at any status below 500.
    if (error instanceof SessionError && error.code === 'SESSION_CONFLICT') return answerOf('retry', 503, undefined)
    if (error instanceof OverloadError) return answerOf('retry', 503, 'overloaded')
    throw error
  }
}

async function answerRegistration(request: DeviceRequest, response: ReadResponse): Promise<DeviceAnswer> {
  const first = await findUnregistered(request, response)
  if (!first || 'state' in first) {
    // Without a successor, another login has replaced the session.
    const isUnknown = first?.reason === 'superseded' ? first.successor !== undefined : first?.state === 'unknown'
    return isUnknown ? answerOf('retry', 503, first?.reason) : answerOf('rejected', 403, 'session')
  }
  const { attempts, env } = request
  const { budget } = first
  if (attempts.waitFor(budget, env.now()) > 0) return throttle(request, response, budget, first)
  const token = response()
  if (!token?.token.key) return answerOf('rejected', 403, 'malformed', first)
  const { session, stored } = await registerLatest(request, token, first)
  if ('reason' in stored) {
    if (stored.reason === 'throttled') return throttle(request, response, budget, first)
    return stored.reason === 'session' ? answerOf('retry', 503, undefined, session) : answerOf('rejected', 403, stored.reason, session)
  }
  const { record, isRepeated } = stored
  // A copy of the token proves nothing. The browser has the proof of its login until it signs the next challenge.
  if (isRepeated) await sendChallenge(request, session.handle, record.device)
  else {
    attempts.giveBack(budget)
    await sendNewProof(request, session.handle, record.device)
  }
  return instruct(request, 'registered', session, record)
}

/** Registers the key for the session under its present id, also if it gets another one meanwhile. */
async function registerLatest(request: DeviceRequest, response: ChallengeResponse, first: DeviceSession): Promise<{ session: DeviceSession, stored: RegisteredKey }> {
  let session = first
  for (let tries = 1; ; tries++) {
    const stored = await register(toDeviceContext(request), session, response)
    const hasNewId = 'reason' in stored && stored.reason === 'session'
    if (!hasNewId || tries === MAX_TRIES) return { session, stored }
    const next = await findUnregistered(request, () => response)
    if (!next || 'state' in next) return { session, stored }
    session = next
  }
}

async function answerRefresh(request: DeviceRequest, response: ReadResponse): Promise<DeviceAnswer> {
  const { attempts, env } = request
  const session = await findSession(request)
  if (!session || 'state' in session) return endOrRetry(request, response, session)
  const { budget, found: { record: { createdAt, device } } } = session
  // The browser may still renew the session before this login, by its key: the registration is under way, or its answer.
  // With a new challenge, it would sign by that key until it gives up the binding.
  const isBeforeLogin = env.now() - createdAt < REGISTRATION_MS && (device === undefined || session.isNamed === false)
  if (isBeforeLogin) return answerOf('retry', 503, undefined, session)
  if (!device) return end(request, 'session')
  if (!attempts.take(budget, env.now())) return throttle(request, response, budget, session)
  const isAnswer = textOf(request) !== undefined
  const token = response()
  const stored = token ? await refresh(toDeviceContext(request), session, device, token) : { reason: 'malformed' as const }
  if ('record' in stored) {
    attempts.giveBack(budget)
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

function endOrRetry(request: DeviceRequest, response: ReadResponse, { reason, state, budget }: Partial<NotFound> = {}): DeviceAnswer {
  if (budget !== undefined) return throttle(request, response, budget)
  return state === 'unknown' ? answerOf('retry', 503, reason) : end(request, reason ?? 'session')
}

/** Any status below 500 would end the binding in the browser. */
function throttle(request: DeviceRequest, response: ReadResponse, budget: string, session?: DeviceSession): DeviceAnswer {
  const { attempts, env, transport } = request
  const shown = shownIn(request, response)
  if (shown !== undefined) attempts.remember(shown, budget)
  transport.setHeader('retry-after', String(attempts.waitFor(budget, env.now())))
  return answerOf('retry', 503, 'throttled', session)
}

function end(request: DeviceRequest, reason: DeviceRejection | RejectReason): DeviceAnswer {
  removeProof(request)
  return { ...answerOf('ended', 200, reason), body: endInstructions(request.identifier) }
}

function readResponse(request: DeviceRequest): ChallengeResponse | undefined {
  const { env, isOwnAudience } = request
  const text = textOf(request)
  const token = text === undefined ? undefined : readDeviceToken(text, { now: env.now(), isOwnAudience })
  return token && new ChallengeResponse(toDeviceContext(request), token)
}

function textOf({ transport }: DeviceRequest): string | undefined {
  return transport.requestHeader('secure-session-response')
}

function toDeviceContext({ env, config, persistence: { store }, verify, attempts }: DeviceRequest): DeviceContext {
  return { env, config, store, verify, attempts }
}

function answerOf(outcome: DeviceOutcome, status: DeviceAnswer['status'], reason: DeviceAnswer['reason'], session?: DeviceSession): DeviceAnswer {
  return { outcome, status, body: undefined, reason, handle: session?.handle, userId: session?.found.record.userId }
}
