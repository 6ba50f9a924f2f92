// The only file of the micro benchmarks that imports our code.
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { sealSession } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import { TokenCache } from '../../src/runtime/core/seal/token-cache'
import type { Session } from '../../src/runtime/core/model/types'
import { openToken } from '../../src/runtime/core/session/token'
import { nodeCrypto } from '../../src/runtime/server/crypto/node'
import { iterationsOnly } from '../seal-options.ts'
import type { SessionRecord } from '../session-data.ts'

/** Seals and opens, with or without a promise. */
export interface Sealer {
  seal: (record: SessionRecord) => unknown
  unseal: (token: string) => unknown
}

export interface SealerOptions {
  password: string
  iterations: number
  /** `false`: no caches of derived keys and opened tokens. */
  caches: boolean
  /** `false`: no cache of opened tokens. */
  tokens: boolean
}

/**
 * Our seal as in the server, with its own caches and one resolved config. Opening includes the checks of the session:
 * its form, its name and its end.
 */
export function createOurs({ password, iterations, caches, tokens }: SealerOptions): Sealer {
  const config = resolveConfig({ password, caches, seal: iterationsOnly(iterations) }, undefined, {
    createCodec: createSealCodecs(nodeCrypto()),
    tokens: tokens ? new TokenCache() : undefined,
  })
  return {
    seal: record => sealSession(record as Session, config, Date.now()),
    unseal: token => openToken(token, config, Date.now()),
  }
}

/** @throws if the result is not the session: only correct results may be measured */
export async function assertOpened(result: unknown, record: SessionRecord): Promise<void> {
  const opened = await result as { session?: unknown, reason?: string }
  if (JSON.stringify(opened.session) !== JSON.stringify(record))
    throw new Error(`Our unseal returned something else: ${JSON.stringify(opened)}`)
}
