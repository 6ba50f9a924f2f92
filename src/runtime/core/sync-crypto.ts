/** Key material. */
export type Bytes = Uint8Array

/** What the synchronous seal, and ids, need of the runtime: primitives, with texts as they stand in a seal. */
export interface SyncCrypto {
  /** Fresh random bytes. */
  randomBytes: (size: number) => Bytes
  hex: (bytes: Bytes) => string
  base64url: (bytes: Bytes) => string
  /** SHA-256 in hexadecimal. */
  hash: (text: string) => string
  /** PBKDF2 with SHA-1 to 256 bits. */
  deriveSync: (password: string, salt: string, iterations: number) => Bytes
  /** How many derivations may run at once beside the requests. @default 2, which is the most */
  parallelism?: number
  /** The same on another thread. */
  derive: (password: string, salt: string, iterations: number) => Promise<Bytes>
  /** HMAC-SHA-256 as base64url. */
  mac: (text: string, key: Bytes) => string
  /** Compares two MACs in a time that does not tell where they differ. */
  isSameMac: (one: string, other: string) => boolean
  /**
   * AES-256-CBC with a fresh IV; both as base64url. What is set up for a key that is kept is kept too; its bytes must
   * not change then.
   */
  encrypt: (text: string, key: Bytes, isKept: boolean) => { iv: string, ciphertext: string }
  /** The text, or `undefined` where it cannot be had. */
  decrypt: (ciphertext: string, iv: string, key: Bytes, isKept: boolean) => string | undefined
}
