export type Bytes = Uint8Array

/** The runtime's primitives for synchronous seals and ids. Texts are encoded as in a seal. */
export interface SyncCrypto {
  randomBytes: (size: number) => Bytes
  hex: (bytes: Bytes) => string
  base64url: (bytes: Bytes) => string
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** PBKDF2 with SHA-1 to 256 bits. */
  deriveSync: (password: string, salt: string, iterations: number) => Bytes
  /** How many calls of `derive` may run at once. @default 2, also the maximum */
  parallelism?: number
  /** Milliseconds of a clock that is never set back. */
  now: () => number
  /** Resolves after that many milliseconds. */
  wait: (milliseconds: number) => Promise<void>
  /** As `deriveSync`, on another thread. */
  derive: (password: string, salt: string, iterations: number) => Promise<Bytes>
  /** HMAC-SHA-256 as base64url. */
  mac: (text: string, key: Bytes) => string
  /** Compares two MACs in constant time. */
  isSameMac: (one: string, other: string) => boolean
  /** AES-256-CBC with a fresh IV, as base64url. `isKeyCached` keeps the key's cipher too; the key's bytes must not change. */
  encrypt: (text: string, key: Bytes, isKeyCached: boolean) => { iv: string, ciphertext: string }
  /** The text, or `undefined` if it cannot be decrypted. */
  decrypt: (ciphertext: string, iv: string, key: Bytes, isKeyCached: boolean) => string | undefined
}
