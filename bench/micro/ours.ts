// The adapter: all that the micro benchmarks know of our code.
import { resolveConfig } from '../../src/runtime/core/config'
import { sealSession } from '../../src/runtime/core/seal'
import { createSyncCodecs } from '../../src/runtime/core/seal-sync'
import { TokenCache } from '../../src/runtime/core/token-cache'
import type { Session } from '../../src/runtime/core/types'
import { openToken } from '../../src/runtime/core/unseal'
import { nodeCrypto } from '../../src/runtime/server/node-crypto'
import { iterationsOnly } from '../seal-options.ts'
import type { SessionRecord } from '../session-data.ts'

/** Seals and opens, in a promise or not. */
export interface Sealer {
  seal: (record: SessionRecord) => unknown
  unseal: (token: string) => unknown
}

export interface SealerOptions {
  password: string
  iterations: number
  /** `false`: neither derived keys nor opened tokens are kept. */
  caches: boolean
  /** `false`: opened tokens are not kept. */
  tokens: boolean
}

/**
 * Our seal as the server sets it up, with caches of its own and one resolved config. Opening includes what
 * the session itself is asked: whether it is one, whose, and whether it is over.
 */
export function createOurs({ password, iterations, caches, tokens }: SealerOptions): Sealer {
  const crypto = nodeCrypto()
  const config = resolveConfig({ password, caches, seal: iterationsOnly(iterations) }, undefined, {
    createCodec: crypto && createSyncCodecs(crypto),
    tokens: tokens ? new TokenCache() : undefined,
  })
  return {
    seal: record => sealSession(record as Session, config, Date.now()),
    unseal: token => openToken(token, config, Date.now()),
  }
}

/** @throws where the answer is not the session: what is measured must be right */
export async function assertOpened(result: unknown, record: SessionRecord): Promise<void> {
  const opened = await result as { session?: unknown, reason?: string }
  if (JSON.stringify(opened.session) !== JSON.stringify(record))
    throw new Error(`Our unseal answered something else: ${JSON.stringify(opened)}`)
}
