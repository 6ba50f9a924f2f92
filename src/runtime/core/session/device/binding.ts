import { proofCookieOf } from '../../config/device-bound'
import { challengeHeader, devicePath, proofLine, registrationHeader } from '../../device/instructions'
import type { ProofCookie } from '../../device/instructions'
import { thumbprintOf } from '../../device/key'
import { checkProof, LOGIN_PROOF_MS, proofLifetime, sealProof } from '../../device/proof'
import type { ProofFailure, RequestProof } from '../../device/proof'
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
  if (state?.origin === 'header') return { failure: 'header' }
  const cookie = transport?.requestCookies()[proofCookieOf(config.name)]
  return checkProof(cookie, { handle, thumbprint: thumbprintOf(device, env.hash) }, config, env.now())
}

/**
 * After a new id: offers a registration if it is a login, with a proof for the requests until the browser has the answer
 * to it. A bound session stays bound, and its proof lasts as long as before.
 */
export async function sendBinding(context: SessionContext, handle: string, isLogin: boolean): Promise<void> {
  const { env, transport, config, state: { origin, record, proof } } = context
  const { device } = record
  // Without a new login, nobody replaces a key. A client that sends a header could not use a bound session.
  const isOffered = isLogin && origin !== 'header' && (device === undefined || record.authenticatedAt === record.createdAt)
  const offer = isOffered && config.deviceRoute ? await offerRegistration(context, handle, record) : undefined
  const now = env.now()
  const proven = device && proof && proof.until > now ? proof : undefined
  const until = proven?.until ?? (offer === undefined ? undefined : now + Math.min(proofLifetime(config), LOGIN_PROOF_MS))
  const isOfLogin = proven === undefined || proven.isOfLogin
  const thumbprint = device && !isOfLogin && offer === undefined ? thumbprintOf(device, env.hash) : undefined
  const next = until && await sealProof({ handle, thumbprint, isOfLogin: isOfLogin || undefined }, until, config, now)
  if (transport.writeRefusal() !== undefined) return
  if (next) sendProof(context, next, Math.ceil((until - now) / 1000))
  // This request had no proof, because the session was bound meanwhile. Without the cookie, the browser renews it.
  else if (device) removeProof(context)
  if (offer !== undefined) transport.setHeader('secure-session-registration', registrationHeader(devicePath(env.basePath, config.deviceRoute!, 'register'), offer))
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
