import type { Json } from '../../../src/devtools/protocol'

/** An `Authorization` header, a JWT, a seal of iron, a private key in PEM. */
const SECRETS = [/^(?:bearer|basic)\s+\S/i, /^eyJ[\w-]+\.eyJ/, /Fe26\.2\*/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/]
const BASE = 'http://relative'
const URL_LIKE = /^(?:[a-z][a-z\d+.-]*:\/\/|\/)\S+$/i

/** Whether a text contains a secret, whatever its key. `isSecretName`: whether a parameter of a URL is one, by its name. */
export function isSecretText(value: Json | undefined, isSecretName: (name: string) => boolean): boolean {
  return typeof value === 'string' && (SECRETS.some(secret => secret.test(value)) || isSecretUrl(value, isSecretName))
}

/** Whether a text is a URL with credentials, or with a secret in its query or fragment. */
function isSecretUrl(text: string, isSecretName: (name: string) => boolean): boolean {
  if (!URL_LIKE.test(text) || !URL.canParse(text, BASE)) return false
  const url = new URL(text, BASE)
  return url.username !== '' || url.password !== '' || [url.searchParams, new URLSearchParams(url.hash.slice(1))].some(params => [...params.keys()].some(isSecretName))
}
