import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import type { SyncCrypto } from '../core/sync-crypto'

type Runtime = typeof NodeCrypto & { Buffer: typeof NodeBuffer }

const KEY_BYTES = 32
const IV_BYTES = 16
const RANDOM_POOL_BYTES = 4096
// Holds the plaintext of the longest token.
const SCRATCH_BYTES = 16 * 1024

/** iron's primitives by `node:crypto`: Node, Bun, Deno, Workers with Node compatibility; `undefined` elsewhere. */
export function nodeCrypto(): SyncCrypto | undefined {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  const buffer = globalThis.process?.getBuiltinModule?.('node:buffer')
  const cores = globalThis.process?.getBuiltinModule?.('node:os')?.availableParallelism?.()
  // One core is the requests'.
  return crypto && buffer && createNodeCrypto({ ...crypto, Buffer: buffer.Buffer }, cores && Math.max(1, cores - 1))
}

function createNodeCrypto(runtime: Runtime, parallelism: number | undefined): SyncCrypto {
  const { Buffer, createCipheriv, createDecipheriv, createHash, createHmac, pbkdf2, pbkdf2Sync, timingSafeEqual } = runtime
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  const randomBytes = createRandomPool(runtime)

  const asBuffer = (bytes: Uint8Array) => bytes instanceof Buffer ? bytes : Buffer.from(bytes)

  /** Two parts in one piece; valid until the next call. */
  function join(first: Uint8Array, second: Uint8Array): NodeBuffer {
    const length = first.length + second.length
    if (length > SCRATCH_BYTES) return Buffer.concat([first, second])
    scratch.set(first)
    scratch.set(second, first.length)
    return scratch.subarray(0, length)
  }

  return {
    randomBytes,
    parallelism,
    hex: bytes => asBuffer(bytes).toString('hex'),
    base64url: bytes => asBuffer(bytes).toString('base64url'),
    hash: text => createHash('sha256').update(text).digest('hex'),
    deriveSync: (password, salt, iterations) => pbkdf2Sync(password, salt, iterations, KEY_BYTES, 'sha1'),
    derive: (password, salt, iterations) => new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, KEY_BYTES, 'sha1', (error, key) => error ? reject(error) : resolve(key))
    }),
    mac: (text, key) => createHmac('sha256', key).update(text).digest('base64url'),
    isSameMac(one, other) {
      if (one.length !== other.length || 2 * one.length > SCRATCH_BYTES) return false
      scratch.write(one, 0, 'latin1')
      scratch.write(other, one.length, 'latin1')
      return timingSafeEqual(scratch.subarray(0, one.length), scratch.subarray(one.length, 2 * one.length))
    },
    encrypt(text, key) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-cbc', key, iv)
      return { iv: iv.toString('base64url'), ciphertext: join(cipher.update(text, 'utf8'), cipher.final()).toString('base64url') }
    },
    decrypt(ciphertext, iv, key) {
      try {
        const decipher = createDecipheriv('aes-256-cbc', key, Buffer.from(iv, 'base64url'))
        const bytes = scratch.subarray(0, scratch.write(ciphertext, 0, 'base64url'))
        return join(decipher.update(bytes), decipher.final()).toString()
      }
      catch {
        // Authentic, and not made by iron.
        return undefined
      }
    },
  }
}

/** Random bytes from a pool that is filled ahead: one call of the system for many. None is given twice. */
function createRandomPool({ Buffer, randomFillSync }: Runtime): (size: number) => NodeBuffer {
  const pool = Buffer.allocUnsafeSlow(RANDOM_POOL_BYTES)
  let at = RANDOM_POOL_BYTES
  return (size) => {
    if (size > RANDOM_POOL_BYTES) return randomFillSync(Buffer.allocUnsafeSlow(size))
    if (at + size > RANDOM_POOL_BYTES) {
      randomFillSync(pool)
      at = 0
    }
    at += size
    return Buffer.from(pool.subarray(at - size, at))
  }
}
