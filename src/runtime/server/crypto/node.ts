import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import type { SyncCrypto } from '../../core/seal/crypto'
import { createSimpleAes, createSimpleHashes, KEY_BYTES } from './node-simple'
import type { RandomBytes } from './node-simple'

type Runtime = typeof NodeCrypto & { Buffer: typeof NodeBuffer }

/** 32 bytes in base64url. */
const MAC_LENGTH = 43
const RANDOM_POOL_BYTES = 16 * 1024
/** MACs before the quick primitives are loaded. At the start of a process, their code and their check would take 4 ms. */
const MACS_BEFORE_QUICK = 32

/**
 * The primitives by `node:crypto`, in Node, Bun, Deno and Workers with Node compatibility; `undefined` elsewhere. A
 * busy process replaces some by quick ones, so call them as methods.
 */
export function nodeCrypto(): SyncCrypto | undefined {
  const { process } = globalThis
  const crypto = process?.getBuiltinModule?.('node:crypto')
  const buffer = process?.getBuiltinModule?.('node:buffer')
  if (!crypto || !buffer) return undefined
  const { Buffer } = buffer
  const runtime = { ...crypto, Buffer }
  const randomBytes = createRandomPool(runtime)
  const cores = process.getBuiltinModule('node:os')?.availableParallelism?.()
  const asBuffer = (bytes: Uint8Array) => bytes instanceof Buffer ? bytes : Buffer.from(bytes)
  const [one, other] = [Buffer.allocUnsafeSlow(MAC_LENGTH), Buffer.allocUnsafeSlow(MAC_LENGTH)] as const

  const simpleHashes = createSimpleHashes(runtime)
  let macs = 0
  const loadQuick = async () => Object.assign(primitives, (await import('./node-quick')).createQuickPrimitives(runtime, randomBytes))

  const primitives: SyncCrypto = {
    randomBytes,
    // One core is left for the requests.
    parallelism: cores && Math.max(1, cores - 1),
    hex: bytes => asBuffer(bytes).toString('hex'),
    base64url: bytes => asBuffer(bytes).toString('base64url'),
    // In one call, if the runtime has it, which takes half of the time.
    hash: crypto.hash ? text => crypto.hash('sha256', text) : text => crypto.createHash('sha256').update(text).digest('hex'),
    ...simpleHashes,
    mac(text, key) {
      // Without the file, for example of a deployment that was replaced, the simple ones go on.
      if (++macs === MACS_BEFORE_QUICK) void loadQuick().catch(() => undefined)
      return simpleHashes.mac(text, key)
    },
    now: () => performance.now(),
    wait: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
    derive: (password, salt, iterations) => new Promise((resolve, reject) => {
      crypto.pbkdf2(password, salt, iterations, KEY_BYTES, 'sha1', (error, key) => error ? reject(error) : resolve(key))
    }),
    isSameMac(mine, theirs) {
      if (mine.length !== MAC_LENGTH || theirs.length !== MAC_LENGTH) return false
      one.write(mine, 0, 'latin1')
      other.write(theirs, 0, 'latin1')
      return crypto.timingSafeEqual(one, other)
    },
    ...createSimpleAes(runtime, randomBytes),
  }
  return primitives
}

/** Random bytes from a pool, so that one system call serves many seals. No byte is used twice. */
function createRandomPool({ Buffer, randomFillSync }: Runtime): RandomBytes {
  const filled = (size: number) => randomFillSync(Buffer.allocUnsafeSlow(size))
  let pool = Buffer.alloc(0)
  let at = 0
  return (size) => {
    if (size > RANDOM_POOL_BYTES) return filled(size)
    if (at + size > pool.length) {
      // A new pool: bytes that were returned are slices of the old one.
      pool = filled(RANDOM_POOL_BYTES)
      at = 0
    }
    at += size
    return pool.subarray(at - size, at)
  }
}
