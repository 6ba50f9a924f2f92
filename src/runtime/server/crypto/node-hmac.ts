/*
 * `createHmac` and `pbkdf2Sync` create objects that cost more than the hashing; node-aes has the figures. So HMAC
 * (RFC 2104) is two calls of the runtime's one-shot hash, and PBKDF2 of one iteration (RFC 8018, 5.2) is two HMACs.
 * Everything else, such as a key longer than a block, goes to the objects.
 *
 * The hash functions are the runtime's own, and MACs are compared by `timingSafeEqual`. Before the first use, both
 * implementations must give the same results, else `createSimpleHashes` is used. Vectors of RFC 4231 and 6070:
 * test/unit/node-hmac.test.ts.
 */
import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import type { Bytes } from '../../core/seal/crypto'
import { createSimpleHashes, KEY_BYTES } from './node-simple'
import type { KeyedHashes } from './node-simple'

type Runtime = Pick<typeof NodeCrypto, 'createHmac' | 'pbkdf2Sync'> & { hash?: OneShotHash, Buffer: typeof NodeBuffer }
type OneShotHash = (algorithm: string, data: Uint8Array, encoding: 'binary' | 'base64url') => string

const SHA1_BYTES = 20
/** The block size of SHA-1 and SHA-256. */
const BLOCK_BYTES = 64
// Large enough for the longest token.
const MAX_TEXT_BYTES = 16 * 1024

/** HMAC-SHA-256, and PBKDF2 with SHA-1: by one-shot hashes if those give the same results in this runtime. */
export function createKeyedHashes(runtime: Runtime): KeyedHashes {
  const { hash, Buffer } = runtime
  const simple = createSimpleHashes(runtime)
  const quick = hash && createWithOneShots(hash, Buffer, simple)
  return quick && isSame(quick, simple) ? quick : simple
}

function createWithOneShots(hash: OneShotHash, Buffer: typeof NodeBuffer, simple: KeyedHashes): KeyedHashes {
  const sha256 = new OneShotHmac('sha256', 32, hash, Buffer)
  const sha1 = new OneShotHmac('sha1', SHA1_BYTES, hash, Buffer)
  return {
    mac(text, key) {
      if (key.length > BLOCK_BYTES || isLong(text)) return simple.mac(text, key)
      sha256.setKey(key)
      return sha256.digest(sha256.setText(text), 'base64url')
    },
    deriveSync(password, salt, iterations) {
      const passwordBytes = Buffer.from(password)
      if (iterations !== 1 || isLong(salt) || passwordBytes.length > BLOCK_BYTES) return simple.deriveSync(password, salt, iterations)
      sha1.setKey(passwordBytes)
      const length = sha1.setText(salt)
      const key = Buffer.allocUnsafeSlow(KEY_BYTES)
      // PBKDF2 of one iteration: the HMACs of the salt with a counter, joined and cut.
      for (let block = 1, at = 0; at < KEY_BYTES; block++, at += SHA1_BYTES)
        key.write(sha1.digest(sha1.setCounter(length, block), 'binary'), at, 'latin1')
      return key
    },
  }
}

/** HMAC with keys of at most one block. Reuses its buffers. */
class OneShotHmac {
  private readonly inner: NodeBuffer
  private readonly outer: NodeBuffer
  private key: Bytes | undefined

  constructor(private readonly algorithm: string, digestBytes: number, private readonly hash: OneShotHash, Buffer: typeof NodeBuffer) {
    this.inner = Buffer.allocUnsafeSlow(BLOCK_BYTES + MAX_TEXT_BYTES)
    this.outer = Buffer.allocUnsafeSlow(BLOCK_BYTES + digestBytes)
  }

  /** Does nothing for the same key as before, the usual case. Its bytes must not have changed. */
  setKey(key: Bytes): void {
    if (key === this.key) return
    this.key = key
    for (let at = 0; at < BLOCK_BYTES; at++) {
      const byte = key[at] ?? 0
      this.inner[at] = byte ^ 0x36
      this.outer[at] = byte ^ 0x5C
    }
  }

  /** @returns the number of bytes */
  setText(text: string): number {
    return this.inner.write(text, BLOCK_BYTES)
  }

  /** Appends a number to a text of `length` bytes. @returns the number of bytes of both */
  setCounter(length: number, counter: number): number {
    return this.inner.writeUInt32BE(counter, BLOCK_BYTES + length) - BLOCK_BYTES
  }

  digest(length: number, encoding: 'binary' | 'base64url'): string {
    const { algorithm, inner, outer, hash } = this
    outer.write(hash(algorithm, inner.subarray(0, BLOCK_BYTES + length), 'binary'), BLOCK_BYTES, 'latin1')
    return hash(algorithm, outer, encoding)
  }
}

/** Whether a text may be too long for the buffer with a counter after it. */
function isLong(text: string): boolean {
  return 3 * text.length > MAX_TEXT_BYTES - 4
}

function isSame(one: KeyedHashes, other: KeyedHashes): boolean {
  try {
    const [key, otherKey] = [one, other].map(({ deriveSync }) => deriveSync('pässword', 'sält', 1)) as [Bytes, Bytes]
    return key.every((byte, at) => byte === otherKey[at]) && one.mac('text', key) === other.mac('text', otherKey)
  }
  catch {
    // This runtime does not support one of these hashes.
    return false
  }
}
