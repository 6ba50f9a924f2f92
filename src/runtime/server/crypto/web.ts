import { digest } from 'ohash/crypto'
import type { SyncCrypto } from '../../core/seal/crypto'

/** Random bytes, base64url and hashes for runtimes without `node:crypto`. */
export const webBytes: Pick<SyncCrypto, 'randomBytes' | 'base64url' | 'hash'> = {
  randomBytes: size => globalThis.crypto.getRandomValues(new Uint8Array(size)),
  base64url: bytes => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
  hash: text => hex(digest(text)),
}

function hex(base64urlText: string): string {
  const binary = atob(base64urlText.replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(binary, character => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
