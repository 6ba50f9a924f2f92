import type { TokenVerdict } from '../runtime/server/devtools/messages'
import type { WorkerChannel } from './channel'
import { explainRefusal, noteOn } from './explanation'
import { findTokens } from './pasted-text'
import type { UnsealResult } from './protocol'

/** Opens what was pasted, or tells exactly why it is no session of this app. */
export async function unsealText(channel: WorkerChannel, text: string, names: readonly string[]): Promise<UnsealResult[]> {
  return Promise.all(findTokens(text, names).map(async ({ name, token }) => {
    const verdict = await channel.send<TokenVerdict>({ op: 'unseal', name, token })
    const { session, reason, passwordIndex, isFallback, expiresAt, storage } = verdict
    return {
      name,
      ok: reason === undefined,
      ...session && { session: session as UnsealResult['session'] },
      passwordIndex,
      isFallback,
      expiresAt,
      storage,
      ...reason === undefined ? { note: noteOn(verdict) } : { reason, explanation: explainRefusal(token, reason, verdict, name) },
    }
  }))
}
