import { proofCookieOf } from '../../device/proof-cookie-name'
import { challengeHeader, devicePath, proofLine, registrationHeader } from '../../device/instructions'
import type { ProofCookie } from '../../device/instructions'
import { thumbprintOf } from '../../device/key'
import { checkProof, LOGIN_PROOF_MS, proofLifetime, sealProof } from '../../device/proof'
import type { ProofFailure, Proven, RequestProof } from '../../device/proof'
import { nextChallenge } from '../../device/refresh'
import { offerRegistration } from '../../device/registration'
import { SessionError } from '../../model/errors'
import type { SessionDevice } from '../../model/types'
import type { FindContext, FoundSession, SessionContext } from '../context'
import { isSecureCookie } from '../response'
import type { Rejected } from '../token'
import { hasProofCookie } from './proof-cookie'

/** `identifier`: of the session in the browser. */
type EndpointContext = SendContext & { identifier: string }

type SendContext = Pick<SessionContext, 'config' | 'transport'> & { env: Pick<SessionContext['env'], 'now' | 'hash' | 'isDevelopment' | 'basePath'> }

/** Rejects a bound session if the request's cookies do not prove its key. A token in a header proves nothing. */
export async function requireProof(
  context: FindContext, found: FoundSession, handle: string, device: SessionDevice,
): Promise<FoundSession | Rejected> {
  const proof = await proofOf(context, handle, device)
  if (!('failure' in proof)) return { ...found, proof }
  return { reason: 'unproven', ...proof, writeError: isProvenLater(context, proof.failure) ? notProvenYet() : undefined }
}

/**
 * Whether the browser has the key, and sends this request without its proof only for now: it names the session that it
 * did not renew in a header, or the proof ended on the way. A browser without the key sends neither, so it is not kept
 * from a new session.
 */
function isProvenLater({ config: { name }, transport }: FindContext, failure: ProofFailure): boolean {
  const skipped = transport?.requestHeader('secure-session-skipped')
  return failure === 'expired' || [`"${name}"`, `"${name}@`].some(identifier => skipped?.includes(identifier))
}

function notProvenYet(): SessionError {
  return new SessionError('SESSION_CONFLICT',
    'the browser did not prove the key of this request\'s session, and will do so later. Nothing was written, because a new session would replace it. Try again; regenerate({ userId }) starts a new login, and clear() removes the session from the browser.')
}

/** The request's proof of a session's key, or why it has none. */
export async function proofOf({ env, config, state, transport }: FindContext, handle: string, device: SessionDevice): Promise<RequestProof | { failure: ProofFailure }> {
  if (state?.transport === 'header') return { failure: 'header' }
  const cookie = transport?.requestCookies()[proofCookieOf(config.name)]
  return checkProof(cookie, { handle, thumbprint: thumbprintOf(device, env.hash) }, config, env.now())
}

/** After a new id, sends the proof for it. If it is a login, also offers the browser a registration. */
export async function sendBinding(context: SessionContext, handle: string, isLogin: boolean): Promise<void> {
  const { env, transport, config, state } = context
  const { record } = state
  const isOffered = isLogin && mayRegister(context)
  const now = env.now()
  const next = nextProof(context, isOffered)
  const [proof, challenge] = await Promise.all([
    next && sealProof({ handle, ...next }, next.until, config, now),
    isOffered ? offerRegistration(context, handle, record) : undefined,
  ])
  if (transport.writeRefusal() !== undefined) return
  if (next && proof) sendProof(context, proof, Math.ceil((next.until - now) / 1000))
  // This request had no proof, because the session was bound meanwhile. Without the cookie, the browser renews it.
  else if (record.device) removeProof(context)
  if (challenge === undefined) return
  state.registration = registrationHeader(devicePath(env.basePath, config.deviceRoute!, 'register'), challenge)
  // A response may log in to sessions of several names.
  const offers = Object.values(transport.states).flatMap(each => each?.registration ?? [])
  transport.setHeader('secure-session-registration', offers.join(', '))
}

/** Without a new login, nobody replaces a key. A client that sends a header could not use a bound session. */
function mayRegister({ config: { deviceRoute }, state: { transport, record } }: SessionContext): boolean {
  const isFreshLogin = record.device === undefined || record.authenticatedAt === record.createdAt
  return Boolean(deviceRoute) && transport !== 'header' && isFreshLogin
}

/** The request's proof for the new id, until the same end. A login without one gets one until the browser has registered. */
function nextProof({ env, config, state: { record: { device }, proof } }: SessionContext, isOffered: boolean): Pick<Proven, 'thumbprint' | 'isOfLogin'> & { until: number } | undefined {
  const now = env.now()
  if (device && proof && proof.until > now) {
    const { until, isOfLogin } = proof
    return { until, isOfLogin, thumbprint: isOfLogin || isOffered ? undefined : thumbprintOf(device, env.hash) }
  }
  return isOffered ? { until: now + Math.min(proofLifetime(config), LOGIN_PROOF_MS), isOfLogin: true } : undefined
}

/** Sends the proof and the challenge of a browser that has just proven its key. */
export async function sendNewProof(context: EndpointContext, handle: string, device: SessionDevice): Promise<void> {
  const { env, config } = context
  const now = env.now()
  const lifetime = proofLifetime(config)
  const proof = await sealProof({ handle, thumbprint: thumbprintOf(device, env.hash) }, now + lifetime, config, now)
  sendProof(context, proof, lifetime / 1000)
  await sendChallenge(context, handle, device)
}

/** Sends the challenge for the next renewal of the proof. */
export async function sendChallenge({ env, config, transport, identifier }: EndpointContext, handle: string, device: SessionDevice): Promise<void> {
  transport.setHeader('secure-session-challenge', challengeHeader(await nextChallenge({ env, config }, handle, device), identifier))
}

/** Removes the proof from the browser, if it has one. */
export function removeProof(context: SendContext): void {
  if (hasProofCookie(context.transport, context.config.name)) sendProof(context, '', 0)
}

/** A session with `deviceBound` always has a cookie. */
export function proofCookie({ env, config, transport }: SendContext): ProofCookie {
  const cookie = config.cookie || { path: '/', httpOnly: true }
  return { name: config.name, cookie, secure: config.cookie === false || isSecureCookie(env, transport, config.cookie) }
}

function sendProof(context: SendContext, value: string, maxAge: number): void {
  const { transport } = context
  const line = proofLine(proofCookie(context), value, maxAge)
  const name = `${proofCookieOf(context.config.name)}=`
  transport.replaceSetCookies([...transport.setCookies().filter(each => !each.startsWith(name)), line])
}
