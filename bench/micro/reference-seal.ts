import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** Makes iron seals that share their salts and derived keys. */
export class ReferenceSealer {
  readonly #salts: { encryption: string, integrity: string }
  readonly #keys: { encryption: Buffer, integrity: Buffer }

  constructor(password: string, iterations = 1) {
    const salt = () => randomBytes(32).toString('hex')
    const keyOf = (salt: string) => pbkdf2Sync(password, salt, iterations, 32, 'sha1')
    this.#salts = { encryption: salt(), integrity: salt() }
    this.#keys = { encryption: keyOf(this.#salts.encryption), integrity: keyOf(this.#salts.integrity) }
  }

  seal(value: unknown): string {
    const iv = randomBytes(16)
    const cipher = createCipheriv('aes-256-cbc', this.#keys.encryption, iv)
    const ciphertext = cipher.update(JSON.stringify(value), 'utf8', 'base64url') + cipher.final('base64url')
    const base = `Fe26.2**${this.#salts.encryption}*${iv.toString('base64url')}*${ciphertext}*`
    const mac = createHmac('sha256', this.#keys.integrity).update(base).digest('base64url')
    return `${base}*${this.#salts.integrity}*${mac}`
  }
}
