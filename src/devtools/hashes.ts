import { createHash } from 'node:crypto'

/** By which a session remembers its seals. */
export function sealHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A session's handle, as the server calculates it. */
export function sessionHandle(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
