import type { WorkerChannel } from './channel'
import { findTokens } from './pasted-text'
import type { JsonObject, UnsealResult } from './protocol'

interface WorkerResult {
  session?: NonNullable<UnsealResult['session']>
  reason?: string
  hint?: number
  passwordIndex?: number
  isLegacy?: boolean
  expiresAt?: number
}

/** Opens what was pasted, or tells exactly why it is no session of this app. */
export async function unsealText(channel: WorkerChannel, text: string, names: readonly string[]): Promise<UnsealResult[]> {
  return Promise.all(findTokens(text, names).map(async ({ name, token }) => {
    const result = await channel.send<WorkerResult>({ op: 'unseal', name, token })
    const { session, reason, passwordIndex, isLegacy, expiresAt } = result
    return {
      name,
      ok: reason === undefined,
      ...session && { session: { ...session, data: session.data as JsonObject } },
      passwordIndex,
      isLegacy,
      expiresAt,
      ...reason !== undefined && { reason, explanation: explain(token, reason, result, name) },
    }
  }))
}

function explain(token: string, reason: string, { hint, session, expiresAt }: WorkerResult, name: string | undefined): string {
  switch (reason) {
    case 'malformed': return explainMalformed(token)
    case 'expired': return `It has expired${whenOf(expiresAt ?? sealEnd(token))}.`
    case 'idle': return `It was not used for longer than idleTimeout allows; it ended${whenOf(expiresAt)}.`
    case 'foreign': return `It is a session named "${session?.name ?? '(none)'}", not "${name ?? 'the default'}"${session?.name ? '' : ', and acceptUnnamed is off'}.`
    case 'tampered': return hint === undefined
      ? 'No configured password opens it: it was sealed with another password, cut off, or changed.'
      : `The password is right, but it was sealed with ${hint} iteration${hint === 1 ? '' : 's as h3 2 does'}. Set seal.encryption.iterations and seal.integrity.iterations to ${hint}${hint === 1 ? ', or legacySealFallback' : ''}.`
    default: return `It is refused: ${reason}.`
  }
}

function explainMalformed(token: string): string {
  if (token === '') return 'There is no seal in it, or chunks of it are missing.'
  if (!token.startsWith('Fe26.')) return 'It is no seal: a seal begins with "Fe26.2**".'
  const parts = token.split('*').length
  if (parts < 8) return `It is cut off: a seal has 8 parts between asterisks, this has ${parts}.`
  return 'It is no seal that this app makes: it is cut off, too long, or of another kind.'
}

function sealEnd(token: string): number | undefined {
  const end = Number(token.split('*')[5])
  return end > 0 ? end : undefined
}

function whenOf(time: number | undefined): string {
  return time === undefined ? '' : ` at ${new Date(time).toISOString()}`
}
