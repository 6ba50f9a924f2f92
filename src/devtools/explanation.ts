import type { TokenVerdict } from '../runtime/server/devtools/messages'

/** What there is to know of a token that the app accepts. */
export function noteOn({ holds, storage, takeover }: TokenVerdict): string | undefined {
  if (holds === 'reference') return `It only refers to the session, which the store "${storage}" keeps.`
  return takeover?.isOpen ? `It holds the whole session. With its next request it will be taken over into the store "${storage}", until ${dateOf(takeover.until)}.` : undefined
}

/** Why a token is no session of this app, in a sentence. */
export function explainRefusal(token: string, reason: string, verdict: TokenVerdict, name: string | undefined): string {
  switch (reason) {
    case 'malformed': return explainMalformed(token, verdict, name)
    case 'expired': return explainExpired(token, verdict)
    case 'idle': return `It was not used for longer than idleTimeout allows; it ended${whenOf(verdict.expiresAt)}.`
    case 'revoked': return 'It is revoked: it was cleared, or revoked by its handle or with all sessions of its user.'
    case 'superseded': return verdict.holds === 'reference'
      ? 'It is superseded: regenerate() gave the session another id.'
      : `It is superseded: the session was taken over into the store "${verdict.storage}", under another id.`
    case 'foreign': return explainForeign(verdict, name)
    case 'tampered': return explainTampered(verdict)
    case 'overloaded': return 'It was not checked: too many unknown seals with more than one iteration came at once.'
    default: return `It is refused: ${reason}.`
  }
}

function explainMalformed(token: string, { holds, storage, record }: TokenVerdict, name: string | undefined): string {
  if (record === 'broken') return `What the store "${storage}" has of it is no record of a session.`
  if (holds === 'reference') return `It only refers to a session in a store, and ${name === undefined ? 'the app' : `"${name}"`} has none: set storage.`
  if (token === '') return 'There is no seal in it, or chunks of it are missing.'
  if (!token.startsWith('Fe26.')) return 'It is no seal: a seal begins with "Fe26.2**".'
  const parts = token.split('*').length
  if (parts < 8) return `It is cut off: a seal has 8 parts between asterisks, this has ${parts}.`
  return 'It is no seal that this app makes: it is cut off, too long, or of another kind.'
}

function explainExpired(token: string, { storage, record, takeover, expiresAt }: TokenVerdict): string {
  if (record === 'none') return `The store "${storage}" has no record of the session: it has expired, or was lost or removed there.`
  if (!takeover) return `It has expired${whenOf(expiresAt ?? sealEnd(token))}.`
  const rule = takeover.until === undefined ? 'are taken over only where migrateUntil says until when' : `were taken over until ${dateOf(takeover.until)}, by migrateUntil`
  return `It holds the whole session, and sessions of this name are kept in the store "${storage}": whole ones ${rule}.`
}

function explainForeign({ sealedName }: TokenVerdict, name: string | undefined): string {
  return `It is a session named "${sealedName ?? '(none)'}", not "${name ?? 'the default'}"${sealedName === undefined ? ', and acceptUnnamed is off' : ''}.`
}

function explainTampered({ hint }: TokenVerdict): string {
  return hint === undefined
    ? 'No configured password opens it: it was sealed with another password, cut off, or changed.'
    : `The password is right, but it was sealed with ${hint} iteration${hint === 1 ? '' : 's as h3 2 does'}. Set seal.encryption.iterations and seal.integrity.iterations to ${hint}${hint === 1 ? ', or legacySealFallback' : ''}.`
}

function sealEnd(token: string): number | undefined {
  const end = Number(token.split('*')[5])
  return end > 0 ? end : undefined
}

function whenOf(time: number | undefined): string {
  return time === undefined ? '' : ` at ${dateOf(time)}`
}

function dateOf(time = 0): string {
  return new Date(time).toISOString()
}
