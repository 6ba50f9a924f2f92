import { createHash } from 'node:crypto'
import { digest } from 'ohash/crypto'

/** By which a session remembers its seals, as the recorder calculates it. */
export function sealHash(token: string): string {
  return digest(token)
}

/** A session's handle, as the server calculates it. */
export function sessionHandle(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}
