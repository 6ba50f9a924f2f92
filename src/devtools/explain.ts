import type { InspectedToken } from '../runtime/server/devtools/messages'
import type { TokenFacts } from '../runtime/server/devtools/token-facts'
import { TOO_DEEP } from '../runtime/server/devtools/depth'
import { explainUnproven } from './explain-unproven'
import type { RecordedSession } from './inspected'

/** How a session ended, and what to do about it. */
interface End { text: string, fix: string }

/**
 * What was recorded of a token. `isKnown`: the server has seen it as valid. `end`: by which call or limit its session ended.
 * `superseded`: how it was superseded, if its session has a new id.
 */
interface Known { isKnown?: boolean, end?: End, superseded?: string }

/** Explains why a token is rejected, and how to fix that. */
export function explain(token: TokenFacts, reason: string, inspected: InspectedToken, name: string | undefined, { isKnown = false, end, superseded }: Known = {}): string {
  const { content, storage, sealedName, expiresAt, limit } = inspected
  if (end && (reason === 'revoked' || isUnexplained(inspected, reason))) return explainEnd(inspected, end)
  switch (reason) {
    case 'malformed': return explainMalformed(token, inspected, name)
    case 'expired': return explainExpired(token, inspected)
    case 'idle': return sentencesOf(idleEnd(expiresAt, limit))
    case 'revoked': return 'It is revoked: the session was ended by clear(), revokeSession(), revokeUserSessions(), revokeAllSessions() or maxUserSessions. The visitor must log in again.'
    case 'superseded': return superseded ?? `${content === 'reference'
      ? 'It is superseded: regenerate() gave the session a new id.'
      : `It is superseded: the session was migrated to the store "${storage}" under a new id.`} ${NO_NEW_COOKIE}`
    case 'foreign': return sealedName === undefined
      ? 'It contains no session name, and acceptUnnamed is false. Set acceptUnnamed to accept it.'
      : `Its session name is "${sealedName}", not ${name === undefined ? 'the default name' : `"${name}"`}. Read it under its own name.`
    case 'tampered': return explainTampered(token, inspected, isKnown)
    case 'unproven': return explainUnproven(inspected.unproven, name)
    case 'overloaded': return 'It was not checked: too many unknown seals with more than one iteration arrived at once. Send the request again.'
    default: return `It is rejected: ${reason}. The hook session:load gave this reason: look there.`
  }
}

/** Of a token that was accepted before. */
export const PASSWORD_CHANGED = 'No configured password opens it, but this server has accepted it before: the password was changed. Keep the old password in the list, after the new one.'
/** Of a token that was not seen before. */
export const OTHER_PASSWORD = 'No configured password opens it. It is complete, so it was sealed with another password, or some of its characters were changed. If it was the password, keep the old one in the list, after the new one. If another app on this host uses the same cookie (a port does not separate cookies), give one of them another name.'

/** Of a token with an old id, if nothing more is known. */
export const NO_NEW_COOKIE = 'The browser does not have the new cookie: that response did not arrive, or another cookie of the same name is sent first.'

/** By which limit a session had ended at a time, as far as the server has seen. */
export function describeExpiry({ ended, expiresAt, limit }: Pick<RecordedSession, 'ended' | 'expiresAt' | 'limit'>, now: number): End | undefined {
  const isOver = ended === 'expired' || ((ended === undefined || ended === 'gone') && expiresAt !== undefined && expiresAt <= now)
  if (!isOver) return undefined
  return limit?.includes('idleTimeout') ? idleEnd(expiresAt, limit) : expiredEnd(expiresAt, limit)
}

/** Whether a reference shows only that its session has expired: its seal ends with the session, and the record is removed later. */
export function isUnexplained({ content, limit }: InspectedToken, reason: string): boolean {
  return reason === 'expired' && content === 'reference' && limit === undefined
}

/** How to make a session longer: by the options that limit it, or in the call that gave it a limit of its own. */
export function longerBy(options: string, limit: string | undefined): string {
  return `For a longer session, raise ${options}${limit?.includes('regenerate()') ? ' in that call' : ''}.`
}

function explainEnd({ record, storage }: InspectedToken, end: End): string {
  const removed = record === 'missing' ? `The store "${storage}" has no record of the session any more. ` : ''
  return `${removed}${sentencesOf(end)}`
}

function sentencesOf({ text, fix }: End): string {
  return `${text} ${fix}`.trimEnd()
}

function idleEnd(expiresAt: number | undefined, limit = 'idleTimeout'): End {
  return { text: `It was not used within ${limit}. It ended${whenOf(expiresAt)}.`, fix: longerBy('idleTimeout', limit) }
}

function expiredEnd(expiresAt: number | undefined, limit: string | undefined): End {
  return { text: `It expired${whenOf(expiresAt)}${limit === undefined ? '' : `, at the end of ${limit}`}.`, fix: longerBy('maxAge', limit) }
}

function explainMalformed(token: TokenFacts, { content, storage, record, isTooDeep }: InspectedToken, name: string | undefined): string {
  if (record === 'malformed') return `Its record in the store "${storage}" is not a valid session record. Something else writes to this store: give the sessions a mount of their own.`
  if (isTooDeep) return TOO_DEEP
  if (content === 'reference') return `It contains only a reference to a stored session, but ${name === undefined ? 'the app' : `"${name}"`} has no store: set storage.`
  if (token.isEmpty) return 'It contains no seal, or some of its chunks are missing. Browsers drop cookies of a host that has too many or too large ones: keep less in the session.'
  if (!token.isSeal) return 'It is not a seal: a seal begins with "Fe26.2**". If something else sets a cookie of this name, give the session another name.'
  if (token.parts < 8) return `It is cut off: a seal has 8 parts between asterisks, this one has ${token.parts}. Copy it whole, or look for a proxy that cuts cookies.`
  return 'It is not a valid seal of this app: it is cut off, too long, or of another kind. Clear the cookie to start a new session.'
}

function explainExpired({ end }: TokenFacts, { storage, record, isInMemory, migration, expiresAt, limit }: InspectedToken): string {
  if (record === 'missing') return `The store "${storage}" has no record of the session: the session has expired or was revoked, or its record was lost or removed.${isInMemory ? ' If the server was restarted since, it is empty, because it is in memory: use one that keeps its data.' : ''}`
  if (!migration) return sentencesOf(expiredEnd(expiresAt ?? end, limit))
  const rule = migration.until === undefined ? 'Set migrateUntil to migrate cookie sessions.' : `Cookie sessions were migrated until ${dateOf(migration.until)} (migrateUntil).`
  return `It is a cookie session, but sessions of this name are kept in the store "${storage}". ${rule}`
}

function explainTampered({ isWhole }: TokenFacts, { iterations }: InspectedToken, isKnown: boolean): string {
  if (iterations === undefined && isKnown) return PASSWORD_CHANGED
  if (iterations === undefined) return isWhole ? OTHER_PASSWORD : 'No configured password opens it: it was cut off or changed. Clear the cookie to start a new session.'
  const [made, fix] = iterations === 1 ? ['1 iteration', ', or set legacySealFallback'] : [`${iterations} iterations, as h3 2 does`, '']
  return `The password is correct, but the seal was made with ${made}. Set seal.encryption.iterations and seal.integrity.iterations to ${iterations}${fix}.`
}

function whenOf(time: number | undefined): string {
  return time === undefined ? '' : ` at ${dateOf(time)}`
}

export function dateOf(time = 0): string {
  return new Date(time).toISOString()
}
