import type { InspectedToken } from '../runtime/server/devtools/messages'
import type { WorkerChannel } from './channel'
import { explainAccepted, explainRejection } from './explanation'
import { findTokens } from './pasted-text'
import type { UnsealResult } from './protocol'

/** Unseals every token in a pasted text, or explains why the app rejects it. */
export async function unsealText(channel: WorkerChannel, text: string, names: readonly string[]): Promise<UnsealResult[]> {
  return Promise.all(findTokens(text, names).map(async ({ name, token }) => {
    const inspected = await channel.send<InspectedToken>({ op: 'unseal', name, token })
    const { session, reason, passwordIndex, isFallback, expiresAt, storage } = inspected
    return {
      name,
      ok: reason === undefined,
      ...session && { session: session as UnsealResult['session'] },
      passwordIndex,
      isFallback,
      expiresAt,
      storage,
      ...reason === undefined ? { note: explainAccepted(inspected) } : { reason, explanation: explainRejection(token, reason, inspected, name) },
    }
  }))
}
