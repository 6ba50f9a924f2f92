import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { nodeCrypto } from '../../src/runtime/server/crypto/node'

it('uses quicker primitives with the same results after 32 MACs, so that a start does not pay for their check', () => {
  const crypto = nodeCrypto()!
  const key = randomBytes(32)
  const simple = { ...crypto }
  const before = { sealed: crypto.encrypt('ä', key, true), derived: crypto.deriveSync('password', 'salt', 1) }
  const macs = Array.from({ length: 33 }, (_, index) => {
    expect(crypto.encrypt === simple.encrypt).toBe(index < 32)
    return crypto.mac('text', key)
  })

  for (const name of ['mac', 'deriveSync', 'encrypt', 'decrypt'] as const) expect(crypto[name], name).not.toBe(simple[name])
  expect(new Set(macs).size).toBe(1)
  expect(Buffer.from(crypto.deriveSync('password', 'salt', 1))).toEqual(Buffer.from(before.derived))
  expect(crypto.decrypt(before.sealed.ciphertext, before.sealed.iv, key, true)).toBe('ä')
  const after = crypto.encrypt('ä', key, true)
  expect(simple.decrypt(after.ciphertext, after.iv, key, true)).toBe('ä')
})
