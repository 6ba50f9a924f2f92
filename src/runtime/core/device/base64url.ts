const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The value of each character, by its code; -1 for the others. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => BASE64URL.indexOf(String.fromCharCode(code)))

/** The bytes of a text in the only base64url that encodes them, without padding (RFC 7515, 2); else `undefined`. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor(text.length * 6 / 8))
  let bits = 0
  let unused = 0
  let at = 0
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? -1
    if (value === -1) return undefined
    bits = bits << 6 | value
    unused += 6
    if (unused < 8) continue
    unused -= 8
    bytes[at++] = bits >> unused
    bits &= (1 << unused) - 1
  }
  // Else several texts would have the same bytes. With 6 bits, the last character says nothing.
  return unused < 6 && bits === 0 ? bytes : undefined
}

const ALPHABET = /^[\w-]*$/
const BEYOND_ASCII = /[\u0080-\u00FF]/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** As {@link decodeBase64url}, for a text in UTF-8. A flood sends long ones, so the usual case is decoded by the runtime. */
export function decodeBase64urlText(text: string): string | undefined {
  const unused = text.length * 6 % 8
  const last = VALUES[text.charCodeAt(text.length - 1)] ?? 0
  if (!ALPHABET.test(text) || unused === 6 || (last & (1 << unused) - 1) !== 0) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  if (!BEYOND_ASCII.test(binary)) return binary
  try {
    return UTF8.decode(decodeBase64url(text))
  }
  catch {
    return undefined
  }
}
