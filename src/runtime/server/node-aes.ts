import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import { BoundedCache } from '../core/bounded-cache'
import type { Bytes, SyncCrypto } from '../core/sync-crypto'

interface Runtime {
  Buffer: typeof NodeBuffer
  createCipheriv: (algorithm: string, key: Bytes, iv: Bytes) => NodeCrypto.Cipher
  createDecipheriv: (algorithm: string, key: Bytes, iv: Bytes) => NodeCrypto.Decipher
}
type RandomBytes = (size: number) => NodeBuffer
interface Cipher { update: (blocks: Uint8Array) => NodeBuffer }

export type Aes = Pick<SyncCrypto, 'encrypt' | 'decrypt'>

const ALGORITHM = 'aes-256-cbc'
const KEY_BYTES = 32
const BLOCK_BYTES = 16
// Holds the plaintext of the longest token.
const SCRATCH_BYTES = 16 * 1024
// Each is about 1.5 KiB outside of the heap.
const MAX_SEALING = 64
const MAX_OPENING = 256

/** AES-256-CBC as iron has it. Which way it is done depends on whether both do the same. */
export function createAes(runtime: Runtime, randomBytes: RandomBytes): Aes {
  const each = createAesOfEach(runtime, randomBytes)
  const chained = createChainedAes(runtime, randomBytes)
  return isSame(chained, each) ? chained : each
}

/** With a cipher for each text. */
export function createAesOfEach({ Buffer, createCipheriv, createDecipheriv }: Runtime, randomBytes: RandomBytes): Aes {
  return {
    encrypt(text, key) {
      const iv = randomBytes(BLOCK_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, iv)
      const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return { iv: iv.toString('base64url'), ciphertext: ciphertext.toString('base64url') }
    },
    decrypt(ciphertext, iv, key) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, 'base64url'))
        return Buffer.concat([decipher.update(ciphertext, 'base64url'), decipher.final()]).toString()
      }
      catch {
        // Authentic, and not made by iron.
        return undefined
      }
    },
  }
}

/**
 * With one cipher for all texts of a kept key: to set one up takes several times as long as what it does to a
 * session. In CBC a block depends on the block of ciphertext before it and on nothing else, so it can go on.
 *
 * - To open, the IV goes before the ciphertext as such a block, and what comes out for it is dropped.
 * - To seal, a block of fresh random bytes goes before the text, and what comes out for it is the IV: as random as
 *   they are, whatever the cipher did before (RFC 4346, 6.2.3.2).
 */
function createChainedAes({ Buffer, createCipheriv, createDecipheriv }: Runtime, randomBytes: RandomBytes): Aes {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  const start = Buffer.alloc(BLOCK_BYTES)
  // Whole blocks go in, with their padding, and come out at once.
  const sealing = new KeptCiphers(MAX_SEALING, key => createCipheriv(ALGORITHM, key, start).setAutoPadding(false))
  const opening = new KeptCiphers(MAX_OPENING, key => createDecipheriv(ALGORITHM, key, start).setAutoPadding(false))

  return {
    encrypt(text, key, isKept) {
      const mostBytes = BLOCK_BYTES + 3 * text.length + BLOCK_BYTES
      const buffer = mostBytes > SCRATCH_BYTES ? Buffer.allocUnsafeSlow(mostBytes) : scratch
      buffer.set(randomBytes(BLOCK_BYTES))
      const end = pad(buffer, BLOCK_BYTES + buffer.write(text, BLOCK_BYTES))
      const blocks = sealing.of(key, isKept).update(buffer.subarray(0, end))
      return { iv: blocks.toString('base64url', 0, BLOCK_BYTES), ciphertext: blocks.toString('base64url', BLOCK_BYTES) }
    },
    decrypt(ciphertext, iv, key, isKept) {
      if (iv.length + ciphertext.length > SCRATCH_BYTES) return undefined
      const ivEnd = scratch.write(iv, 0, 'base64url')
      const end = ivEnd + scratch.write(ciphertext, ivEnd, 'base64url')
      // Authentic, and not made by iron.
      if (ivEnd !== BLOCK_BYTES || end % BLOCK_BYTES !== 0) return undefined
      const blocks = opening.of(key, isKept).update(scratch.subarray(0, end))
      const textEnd = unpaddedEnd(blocks)
      return textEnd === undefined ? undefined : blocks.toString('utf8', BLOCK_BYTES, textEnd)
    },
  }
}

class KeptCiphers {
  private readonly ciphers: BoundedCache<Bytes, Cipher>

  constructor(max: number, private readonly create: (key: Bytes) => Cipher) {
    this.ciphers = new BoundedCache({ maxEntries: max, maxBytes: max })
  }

  of(key: Bytes, isKept: boolean): Cipher {
    if (!isKept) return this.create(key)
    const found = this.ciphers.get(key)
    if (found) return found
    const cipher = this.create(key)
    this.ciphers.set(key, cipher, 1)
    return cipher
  }
}

/** Pads as PKCS #7 says. @returns the new end */
function pad(buffer: NodeBuffer, end: number): number {
  const count = BLOCK_BYTES - end % BLOCK_BYTES
  for (let at = end; at < end + count; at++) buffer[at] = count
  return end + count
}

/** Where the text after the first block ends; `undefined` where no right padding follows it. */
function unpaddedEnd(blocks: NodeBuffer): number | undefined {
  const count = blocks[blocks.length - 1] ?? 0
  const end = blocks.length - count
  if (count < 1 || count > BLOCK_BYTES || end < BLOCK_BYTES) return undefined
  for (let at = end; at < blocks.length; at++) {
    if (blocks[at] !== count) return undefined
  }
  return end
}

function isSame(one: Aes, other: Aes): boolean {
  const key = new Uint8Array(KEY_BYTES)
  const isOpenedBy = (opener: Aes, sealer: Aes, text: string, isKept: boolean) => {
    const { iv, ciphertext } = sealer.encrypt(text, key, isKept)
    return opener.decrypt(ciphertext, iv, key, isKept) === text
  }
  try {
    return [false, true, true].every(isKept => ['', 'ä', 'x'.repeat(50)].every(text =>
      isOpenedBy(one, other, text, isKept) && isOpenedBy(other, one, text, isKept)))
  }
  catch {
    // A runtime whose ciphers do not go on.
    return false
  }
}
