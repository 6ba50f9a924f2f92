import { pbkdf2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDerivation } from '../../src/runtime/core/seal/derivation'
import { realCrypto, recordedCrypto } from './support/app'

describe('a key', () => {
  it.each([1, 2, 8192])('of %i iterations is the one that iron derives', async (iterations) => {
    const key = await createDerivation(realCrypto()).derive('grüße', 'sälz', iterations)
    expect(Buffer.from(key)).toEqual(pbkdf2Sync('grüße', 'sälz', iterations, 32, 'sha1'))
  })

  it('of one iteration needs no promise, and does not wait for others', async () => {
    const { crypto, take } = recordedCrypto({ ...realCrypto(), derive: () => new Promise(() => {}) })
    const { derive } = createDerivation(crypto)
    for (let index = 0; index < 5; index++) void derive('password', `${index}`, 2)
    expect(derive('password', 'salt', 1)).toBeInstanceOf(Uint8Array)
    expect(take()).toContain('deriveSync')
  })
})
