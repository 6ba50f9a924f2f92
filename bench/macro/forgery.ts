import { randomBytes } from 'node:crypto'

const MAC_LENGTH = 43

/** The same cookie with a wrong MAC. */
export function forgeMac(cookie: string): string {
  return cookie.slice(0, -MAC_LENGTH) + randomMac()
}

/** A cookie that is not a seal, as long as a small one. */
export function garbage(name: string): string {
  return `${name}=${randomBytes(250).toString('base64url')}`
}

/** A cookie in the form of a seal, with fresh salts. */
export function forgeFresh(name: string): string {
  const salt = () => randomBytes(32).toString('hex')
  const text = (bytes: number) => randomBytes(bytes).toString('base64url')
  return `${name}=Fe26.2**${salt()}*${text(16)}*${text(112)}**${salt()}*${randomMac()}`
}

function randomMac(): string {
  return randomBytes(32).toString('base64url')
}
