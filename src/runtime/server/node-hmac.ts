import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import type { Bytes, SyncCrypto } from '../core/sync-crypto'

type Runtime = Pick<typeof NodeCrypto, 'createHmac' | 'pbkdf2Sync'> & { hash?: OneShotHash, Buffer: typeof NodeBuffer }
type OneShotHash = (algorithm: string, data: Uint8Array, encoding: 'binary' | 'base64url') => string

type KeyedHashes = Pick<SyncCrypto, 'mac' | 'deriveSync'>

const KEY_BYTES = 32
/** SHA-1 and SHA-256 both work on blocks of this size. */
const BLOCK_BYTES = 64
// Holds what the longest token is authenticated by.
const MAX_TEXT_BYTES = 16 * 1024

/**
 * HMAC-SHA-256, and PBKDF2 with SHA-1. Where the runtime hashes in one call, HMAC is two of them by its definition
 * and PBKDF2 of one iteration four: half the time of `createHmac` and `pbkdf2Sync`, whose objects cost more than the
 * hashing. Which it is depends on whether both answer the same.
 */
export function createKeyedHashes(runtime: Runtime): KeyedHashes {
  const slow = createByObjects(runtime)
  const fast = runtime.hash && createByOneShots(runtime.hash, runtime.Buffer, slow)
  return fast && isSame(fast, slow) ? fast : slow
}

function createByObjects({ createHmac, pbkdf2Sync }: Runtime): KeyedHashes {
  return {
    mac: (text, key) => createHmac('sha256', key).update(text).digest('base64url'),
    deriveSync: (password, salt, iterations) => pbkdf2Sync(password, salt, iterations, KEY_BYTES, 'sha1'),
  }
}

function createByOneShots(hash: OneShotHash, Buffer: typeof NodeBuffer, slow: KeyedHashes): KeyedHashes {
  const sha256 = new OneShotHmac('sha256', 32, hash, Buffer)
  const sha1 = new OneShotHmac('sha1', 20, hash, Buffer)
  return {
    mac(text, key) {
      if (key.length > BLOCK_BYTES || isLong(text)) return slow.mac(text, key)
      sha256.setKey(key)
      return sha256.digest(sha256.setText(text), 'base64url')
    },
    deriveSync(password, salt, iterations) {
      if (iterations !== 1 || isLong(salt)) return slow.deriveSync(password, salt, iterations)
      const bytes = Buffer.from(password)
      if (bytes.length > BLOCK_BYTES) return slow.deriveSync(password, salt, iterations)
      sha1.setKey(bytes)
      return deriveOnce(sha1, salt)
    },
  }
}

/** PBKDF2 of one iteration (RFC 8018, 5.2): the HMACs of the salt with a counter, one after the other. */
function deriveOnce(hmac: OneShotHmac, salt: string): Bytes {
  const key = new Uint8Array(KEY_BYTES)
  const length = hmac.setText(salt)
  for (let at = 0, block = 1; at < KEY_BYTES; block++) {
    const digest = hmac.digest(hmac.setCounter(length, block), 'binary')
    for (let from = 0; from < digest.length && at < KEY_BYTES; from++) key[at++] = digest.charCodeAt(from)
  }
  return key
}

/** HMAC (RFC 2104) with keys of a block at most. Its buffers are filled anew for each. */
class OneShotHmac {
  private readonly inner: NodeBuffer
  private readonly outer: NodeBuffer
  private key: Bytes | undefined

  constructor(
    private readonly algorithm: string,
    digestBytes: number,
    private readonly hash: OneShotHash,
    Buffer: typeof NodeBuffer,
  ) {
    this.inner = Buffer.allocUnsafeSlow(BLOCK_BYTES + MAX_TEXT_BYTES)
    this.outer = Buffer.allocUnsafeSlow(BLOCK_BYTES + digestBytes)
  }

  /** Most often it is the last one's, whose bytes must not have changed. */
  setKey(key: Bytes): void {
    if (key === this.key) return
    this.key = key
    const { inner, outer } = this
    for (let at = 0; at < BLOCK_BYTES; at++) {
      const byte = at < key.length ? key[at]! : 0
      inner[at] = byte ^ 0x36
      outer[at] = byte ^ 0x5C
    }
  }

  /** @returns its bytes */
  setText(text: string): number {
    return this.inner.write(text, BLOCK_BYTES)
  }

  /** Puts a number behind so many bytes of the text. @returns the bytes of both */
  setCounter(length: number, counter: number): number {
    return this.inner.writeUInt32BE(counter, BLOCK_BYTES + length) - BLOCK_BYTES
  }

  digest(length: number, encoding: 'binary' | 'base64url'): string {
    const { algorithm, inner, outer, hash } = this
    outer.write(hash(algorithm, inner.subarray(0, BLOCK_BYTES + length), 'binary'), BLOCK_BYTES, 'latin1')
    return hash(algorithm, outer, encoding)
  }
}

/** Whether a text may have more bytes than fit with a counter behind them. */
function isLong(text: string): boolean {
  return 3 * text.length > MAX_TEXT_BYTES - 4
}

function isSame(one: KeyedHashes, other: KeyedHashes): boolean {
  try {
    const [key, otherKey] = [one, other].map(({ deriveSync }) => deriveSync('pässword', 'sält', 1)) as [Bytes, Bytes]
    return key.every((byte, at) => byte === otherKey[at]) && one.mac('text', key) === other.mac('text', otherKey)
  }
  catch {
    // The one call does not know these hashes, or what the objects do.
    return false
  }
}
