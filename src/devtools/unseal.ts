import type { InspectedToken } from '../runtime/server/devtools/messages'
import type { WorkerChannel } from './channel'
import { tokenFacts } from '../runtime/server/devtools/token-facts'
import type { TokenFacts } from '../runtime/server/devtools/token-facts'
import { findTokens } from './pasted-text'
import type { UnsealResult } from './protocol'

/** Unseals every token in a pasted text, or explains why the app rejects it. */
export async function unsealText(channel: WorkerChannel, text: string, names: readonly string[]): Promise<UnsealResult[]> {
  return Promise.all(findTokens(text, names).map(async ({ name, token }) => {
    const inspected = await channel.send<InspectedToken>({ op: 'unseal', name, token })
    const { session, reason, passwordIndex, isFallback, expiresAt, storage } = inspected
    const comment = reason === undefined ? { note: noteOn(inspected) } : { reason, explanation: explain(tokenFacts(token), reason, inspected, name) }
    return {
      name, ok: reason === undefined, passwordIndex, isFallback, expiresAt, storage,
      ...session && { session: session as UnsealResult['session'] },
      ...comment,
    }
  }))
}

const PASSWORD_CHANGED = 'No configured password opens it, but this server has accepted it before: the password was changed. Keep the old password in the list, after the new one.'

function noteOn({ content, storage, migration }: InspectedToken): string | undefined {
  if (content === 'reference') return `It contains only a reference. The session itself is in the store "${storage}".`
  return migration?.isOpen ? `It is a cookie session. Its next request migrates it to the store "${storage}", until ${dateOf(migration.until)}.` : undefined
}

/** Explains why a token is rejected. `isKnown`: this server has seen the token as valid. */
export function explain(token: TokenFacts, reason: string, inspected: InspectedToken, name: string | undefined, isKnown = false): string {
  const { content, storage, sealedName, expiresAt, limit } = inspected
  switch (reason) {
    case 'malformed': return explainMalformed(token, inspected, name)
    case 'expired': return explainExpired(token, inspected)
    case 'idle': return `It was not used within ${limit ?? 'idleTimeout'}. It ended${whenOf(expiresAt)}.`
    case 'revoked': return 'It is revoked: the session was cleared, or revoked by its handle or with all sessions of its user.'
    case 'superseded': return content === 'reference'
      ? 'It is superseded: regenerate() gave the session a new id.'
      : `It is superseded: the session was migrated to the store "${storage}" under a new id.`
    case 'foreign': return sealedName === undefined
      ? 'It contains no session name, and acceptUnnamed is false.'
      : `Its session name is "${sealedName}", not ${name === undefined ? 'the default name' : `"${name}"`}.`
    case 'tampered': return isKnown ? PASSWORD_CHANGED : explainTampered(inspected)
    case 'overloaded': return 'It was not checked: too many unknown seals with more than one iteration arrived at once.'
    default: return `It is rejected: ${reason}. The hook session:load gave this reason.`
  }
}

function explainMalformed(token: TokenFacts, { content, storage, record }: InspectedToken, name: string | undefined): string {
  if (record === 'malformed') return `Its record in the store "${storage}" is not a valid session record.`
  if (content === 'reference') return `It contains only a reference to a stored session, but ${name === undefined ? 'the app' : `"${name}"`} has no store: set storage.`
  if (token.isEmpty) return 'It contains no seal, or some of its chunks are missing.'
  if (!token.isSeal) return 'It is not a seal: a seal begins with "Fe26.2**".'
  if (token.parts < 8) return `It is cut off: a seal has 8 parts between asterisks, this one has ${token.parts}.`
  return 'It is not a valid seal of this app: it is cut off, too long, or of another kind.'
}

function explainExpired({ end }: TokenFacts, { storage, record, migration, expiresAt, limit }: InspectedToken): string {
  if (record === 'missing') return `The store "${storage}" has no record of the session: the session has expired, or its record was lost or removed.`
  if (!migration) return `It expired${whenOf(expiresAt ?? end)}${limit === undefined ? '' : `, at the end of ${limit}`}.`
  const rule = migration.until === undefined ? 'Set migrateUntil to migrate cookie sessions.' : `Cookie sessions were migrated until ${dateOf(migration.until)} (migrateUntil).`
  return `It is a cookie session, but sessions of this name are kept in the store "${storage}". ${rule}`
}

function explainTampered({ iterations }: InspectedToken): string {
  if (iterations === undefined) return 'No configured password opens it: it was sealed with another password, cut off, or changed.'
  const [made, fix] = iterations === 1 ? ['1 iteration', ', or set legacySealFallback'] : [`${iterations} iterations, as h3 2 does`, '']
  return `The password is correct, but the seal was made with ${made}. Set seal.encryption.iterations and seal.integrity.iterations to ${iterations}${fix}.`
}

function whenOf(time: number | undefined): string {
  return time === undefined ? '' : ` at ${dateOf(time)}`
}

function dateOf(time = 0): string {
  return new Date(time).toISOString()
}
