import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionRecord } from '../session-data.ts'

/** The minimum for a seal in iron's format: JSON, base64, AES and HMAC by node:crypto, with derived keys. */
export function createPrimitives(record: SessionRecord): { seal: () => string, unseal: () => unknown } {
  const key = createSecretKey(randomBytes(32))
  const iv = randomBytes(16)

  function encrypt(): string {
    const cipher = createCipheriv('aes-256-cbc', key, iv)
    return cipher.update(JSON.stringify(record), 'utf8', 'base64url') + cipher.final('base64url')
  }

  const macOf = (text: string) => createHmac('sha256', key).update(text).digest()
  const ciphertext = encrypt()
  const mac = macOf(ciphertext)
  return {
    seal() {
      const text = encrypt()
      return text + macOf(text).toString('base64url')
    },
    unseal() {
      if (!timingSafeEqual(macOf(ciphertext), mac)) throw new Error('The MAC is wrong.')
      const decipher = createDecipheriv('aes-256-cbc', key, iv)
      return JSON.parse(decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8'))
    },
  }
}
