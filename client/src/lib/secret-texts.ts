import type { Json } from '../../../src/devtools/protocol'

/**
 * An `Authorization` header, a JWT or JWE, a seal of iron, a private key in PEM, a URL with credentials, also if its password
 * has a "/", "?" or "#" that should be encoded. A port is no password.
 */
const SECRETS = [
  /^(?:bearer|basic)\s+\S/i, /\b(?:bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{16,}/i, /(?<![\w.-])eyJ[\w-]+\./, /Fe26\.2\*/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /:\/\/[^\s/?#]*@/, /:\/\/[^\s/?#:[]*:(?!\d+[/?#])[^\s@]*@/,
]
/** The name of a parameter in the query or fragment of a URL, also within a sentence. */
const PARAMETER = /[?&#]([^\s?&#=]+)=/g

/** Whether a text contains a secret, whatever its key. `isSecretName`: whether a parameter of a URL is one, by its name. */
export function isSecretText(value: Json | undefined, isSecretName: (name: string) => boolean): boolean {
  return typeof value === 'string' && (SECRETS.some(secret => secret.test(value)) || parametersIn(value).some(isSecretName))
}

function parametersIn(text: string): string[] {
  // It decodes a name, and does not throw.
  return [...text.matchAll(PARAMETER)].flatMap(([, name]) => [...new URLSearchParams(name).keys()])
}
