import type { ResolvedCookie } from '../config/types'
import { MAX_COOKIE_BYTES } from '../config/cookie'
import { isToken, joinChunks, tooLarge } from '../cookie/cookies'
import type { SessionError } from '../model/errors'
import type { SessionContext } from './context'
import { openToken } from './token'

// Each may cost a MAC per password, so an attacker must not choose how many are checked.
const MAX_UNKNOWN_NAMES = 4

const CHUNK_NAME = /\.\d+$/

/** The bytes of the cookies of the sessions with these names. */
export type CountBytes = (names: readonly string[]) => number

/**
 * Sends cookies that may exceed `cookie.maxBytes` together with those of the browser's other sessions. `put` sends them
 * if the sessions with these names fit. @throws SESSION_TOO_LARGE
 */
export async function sendWithinBudget(context: SessionContext, { maxBytes }: Pick<ResolvedCookie, 'maxBytes'>, put: (names: readonly string[]) => CountBytes): Promise<void> {
  const { env, config } = context
  const siblings = siblingNames(context)
  const all = [config.name, ...siblings]
  const bytes = put(all)(all)
  if (bytes > MAX_COOKIE_BYTES && env.isDevelopment)
    env.warnOnce(`The cookies of all sessions together take more than ${MAX_COOKIE_BYTES} bytes; cookie.maxBytes allows ${maxBytes}.`)
  if (bytes <= maxBytes) return
  // A client can send any cookie under a sibling's name. Only authentic tokens count.
  const real = [config.name, ...await authenticAmong(siblings, context)]
  const bytesOf = put(real)
  if (bytesOf(real) > maxBytes) throw tooLargeTogether(config.name, real, bytesOf, maxBytes)
}

/** Names the bytes of each session, the largest first, because that one should shrink. */
function tooLargeTogether(name: string, names: readonly string[], bytesOf: CountBytes, maxBytes: number): SessionError {
  const sizes = names.map(each => ({ each, bytes: bytesOf([each]) })).filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes)
  const parts = sizes.length > 1 ? ` (${sizes.map(({ each, bytes }) => `${each} ${bytes}`).join(', ')})` : ''
  return tooLarge(name, `the sessions' cookies would take ${bytesOf(names)} bytes${parts}, cookie.maxBytes allows ${maxBytes} bytes`, sizes[0]?.each)
}

/** Names of other sessions in the browser: configured ones, those of this request, and cookies that look like a seal. */
function siblingNames({ transport, config, siblings }: SessionContext): string[] {
  const cookies = transport.requestCookies()
  const sealed = Object.keys(cookies).filter(name => isToken(cookies[name]!) && !CHUNK_NAME.test(name)).slice(0, MAX_UNKNOWN_NAMES)
  return [...new Set([...siblings.names, ...Object.keys(transport.states), ...sealed])].filter(name => name !== config.name)
}

async function authenticAmong(names: string[], { env, transport, config, siblings }: SessionContext): Promise<string[]> {
  const results = await Promise.all(names.map(async (name) => {
    if (transport.states[name]?.isCommitted) return true
    const token = joinChunks(name, transport.requestCookies())
    // A name from the client has no configuration, and must not cause an error.
    const options = siblings.names.includes(name) ? siblings.resolve(name) : { ...config, name, acceptUnnamed: false }
    // Without the token cache, so that these tokens do not get into it.
    return token !== undefined && !('reason' in await openToken(token, { ...options, tokens: undefined }, env.now()))
  }))
  return names.filter((_, index) => results[index])
}
