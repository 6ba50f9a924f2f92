const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const ALPHABET = /^[\w-]*$/
const BEYOND_ASCII = /[\u0080-\u00FF]/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes of a text in the only base64url that encodes them, without padding (RFC 7515, 2); else `undefined`. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const binary = toBinary(text)
  return binary === undefined ? undefined : toBytes(binary)
}

/** As {@link decodeBase64url}, for a text in UTF-8. */
export function decodeBase64urlText(text: string): string | undefined {
  const binary = toBinary(text)
  if (binary === undefined || !BEYOND_ASCII.test(binary)) return binary
  try {
    return UTF8.decode(toBytes(binary))
  }
  catch {
    return undefined
  }
}

/** One character for each byte. A flood sends long texts, and the runtime decodes them fastest. */
function toBinary(text: string): string | undefined {
  const unused = text.length * 6 % 8
  const last = BASE64URL.indexOf(text.slice(-1))
  // With other unused bits, several texts would have the same bytes. With 6 bits, the last character says nothing.
  const isCanonical = ALPHABET.test(text) && unused < 6 && (last & (1 << unused) - 1) === 0
  return isCanonical ? atob(text.replaceAll('-', '+').replaceAll('_', '/')) : undefined
}

function toBytes(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
