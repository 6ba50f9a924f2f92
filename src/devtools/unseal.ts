import type { InspectedToken } from '../runtime/server/devtools/messages'
import type { WorkerChannel } from './channel'
import { tokenFacts } from '../runtime/server/devtools/token-facts'
import { dateOf, explain } from './explain'
import { sealHash, sessionHandle } from './hashes'
import { findTokens } from './pasted-text'
import type { UnsealResponse, UnsealResult } from './protocol'

/** How many tokens of a text are unsealed: each takes the app's server some time, and the panel some elements. */
export const MAX_TOKENS = 50

/** Unseals the first tokens in a pasted text, or explains why the app rejects them. */
export async function unsealText(channel: WorkerChannel, text: string, names: readonly string[]): Promise<UnsealResponse> {
  const tokens = findTokens(text, names)
  const results = await Promise.all(tokens.slice(0, MAX_TOKENS).map(async ({ name, token }): Promise<UnsealResult> => {
    const inspected = await channel.send<InspectedToken>({ op: 'unseal', name, token })
    const { id, session, reason, passwordIndex, isFallback, expiresAt, storage } = inspected
    const comment = reason === undefined ? { note: noteOn(inspected) } : { reason, explanation: explain(tokenFacts(token), reason, inspected, name) }
    return {
      name, ok: reason === undefined, passwordIndex, isFallback, expiresAt, storage,
      seal: sealHash(token),
      ...id !== undefined && { handle: sessionHandle(id) },
      ...session && { session: session as UnsealResult['session'] },
      ...comment,
    }
  }))
  return { results, more: tokens.length - results.length }
}

function noteOn({ content, storage, migration, session }: InspectedToken): string | undefined {
  if (session?.device) return `It contains only a reference. The session itself is in the store "${storage}", and is bound to the key of a browser: without its proof, the app rejects the token.`
  if (content === 'reference') return `It contains only a reference. The session itself is in the store "${storage}".`
  return migration?.isOpen ? `It is a cookie session. Its next request migrates it to the store "${storage}", until ${dateOf(migration.until)}.` : undefined
}
