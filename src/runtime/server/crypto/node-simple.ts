/*
 * The primitives as the documentation of `node:crypto` shows them. A process starts with these; those of node-quick use
 * less CPU.
 */
import type { Buffer as NodeBuffer } from 'node:buffer'
import type * as NodeCrypto from 'node:crypto'
import type { Bytes, SyncCrypto } from '../../core/seal/crypto'

export type Aes = Pick<SyncCrypto, 'encrypt' | 'decrypt'>
export type KeyedHashes = Pick<SyncCrypto, 'mac' | 'deriveSync'>
export type RandomBytes = (size: number) => NodeBuffer

export interface AesRuntime {
  Buffer: typeof NodeBuffer
  createCipheriv: (algorithm: string, key: Bytes, iv: Bytes) => NodeCrypto.Cipher
  createDecipheriv: (algorithm: string, key: Bytes, iv: Bytes) => NodeCrypto.Decipher
}

export const ALGORITHM = 'aes-256-cbc'
export const AES_BLOCK_BYTES = 16
export const KEY_BYTES = 32

/** AES-256-CBC as in iron. Creates a cipher for each text. */
export function createSimpleAes({ Buffer, createCipheriv, createDecipheriv }: AesRuntime, randomBytes: RandomBytes): Aes {
  return {
    encrypt(text, key) {
      const iv = randomBytes(AES_BLOCK_BYTES)
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
        // The MAC was right, but iron did not make this.
        return undefined
      }
    },
  }
}

/** HMAC-SHA-256, and PBKDF2 with SHA-1. Creates objects for each text. */
export function createSimpleHashes({ createHmac, pbkdf2Sync }: Pick<typeof NodeCrypto, 'createHmac' | 'pbkdf2Sync'>): KeyedHashes {
  return {
    mac: (text, key) => createHmac('sha256', key).update(text).digest('base64url'),
    deriveSync: (password, salt, iterations) => pbkdf2Sync(password, salt, iterations, KEY_BYTES, 'sha1'),
  }
}
