import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { nodeCrypto } from '../../src/runtime/server/crypto/node'

it('loads quick primitives with the same results after 32 MACs, so that a start does not pay for them', async () => {
  const crypto = nodeCrypto()!
  const key = randomBytes(32)
  const simple = { ...crypto }
  const before = { sealed: crypto.encrypt('ä', key, true), derived: crypto.deriveSync('password', 'salt', 1) }
  const macs = Array.from({ length: 31 }, () => crypto.mac('text', key))
  await import('../../src/runtime/server/crypto/node-quick')
  expect(crypto).toEqual(simple)
  macs.push(crypto.mac('text', key))
  await expect.poll(() => crypto.encrypt).not.toBe(simple.encrypt)
  macs.push(crypto.mac('text', key))

  for (const name of ['mac', 'deriveSync', 'encrypt', 'decrypt'] as const) expect(crypto[name], name).not.toBe(simple[name])
  expect(new Set(macs).size).toBe(1)
  expect(Buffer.from(crypto.deriveSync('password', 'salt', 1))).toEqual(Buffer.from(before.derived))
  expect(crypto.decrypt(before.sealed.ciphertext, before.sealed.iv, key, true)).toBe('ä')
  const after = crypto.encrypt('ä', key, true)
  expect(simple.decrypt(after.ciphertext, after.iv, key, true)).toBe('ä')
})

it('goes on with the simple primitives if the file of the others is missing', async () => {
  vi.resetModules()
  const load = vi.fn(() => { throw new Error('no file') })
  vi.doMock('../../src/runtime/server/crypto/node-quick', load)
  const { nodeCrypto } = await import('../../src/runtime/server/crypto/node')
  const crypto = nodeCrypto()!
  const simple = { ...crypto }
  const macs = Array.from({ length: 33 }, () => crypto.mac('text', new Uint8Array(32)))
  await expect.poll(() => load.mock.calls.length).toBe(1)
  // An unhandled rejection would end the process.
  await new Promise(resolve => setImmediate(resolve))
  expect(crypto).toEqual(simple)
  expect(new Set(macs).size).toBe(1)
})
