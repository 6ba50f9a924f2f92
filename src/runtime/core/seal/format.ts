import { MAX_TOKEN_LENGTH } from '../model/shape'
import type { SealParts } from '../config/seal-openers'

const MAC_LENGTH = 43
const MAC = /^[\w-]{43}$/
const EXPIRATION = /^\d*$/
const PREFIX = 'Fe26.2**'

const FORMAT = /^Fe26\.2\*\*[^*]+\*[\w-]+\*[\w-]+\*\d*\*[^*]+\*[\w-]{43}$/

/** Splits a seal with an empty password id into its parts; `undefined` if the token does not have that form. */
export function parseSeal(token: string): SealParts | undefined {
  if (token.length > MAX_TOKEN_LENGTH || !token.startsWith(PREFIX)) return undefined
  const iv = token.indexOf('*', PREFIX.length) + 1
  const ciphertext = token.indexOf('*', iv) + 1
  const expiration = token.indexOf('*', ciphertext) + 1
  const salt = token.indexOf('*', expiration) + 1
  const mac = token.indexOf('*', salt) + 1
  if (iv === 0 || ciphertext === 0 || salt === 0 || mac === 0) return undefined
  if (token.length !== mac + MAC_LENGTH) return undefined
  const parts = {
    token,
    encryptionSalt: token.slice(PREFIX.length, iv - 1),
    iv: token.slice(iv, ciphertext - 1),
    ciphertext: token.slice(ciphertext, expiration - 1),
    expiration: token.slice(expiration, salt - 1),
    integritySalt: token.slice(salt, mac - 1),
    base: token.slice(0, salt - 1),
    mac: token.slice(mac),
  }
  if (!parts.encryptionSalt || !parts.iv || !parts.ciphertext || !parts.integritySalt) return undefined
  return EXPIRATION.test(parts.expiration) && MAC.test(parts.mac) ? parts : undefined
}

/** Whether every part has only the characters that iron writes. Needed only after the MAC was wrong. */
export function isWellFormed(token: string): boolean {
  return FORMAT.test(token)
}

/** The part of a seal that the MAC covers. */
export function sealBase(encryptionSalt: string, iv: string, ciphertext: string, expiration: string): string {
  return `${PREFIX}${encryptionSalt}*${iv}*${ciphertext}*${expiration}`
}
