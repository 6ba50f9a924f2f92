import type { Json } from '../../../src/devtools/protocol'

/** An `Authorization` header, a JWT or JWE, a seal of iron, a private key in PEM, a URL with credentials. */
const SECRETS = [/^(?:bearer|basic)\s+\S/i, /^eyJ[\w-]+\./, /Fe26\.2\*/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, /:\/\/[^\s/?#]*@/]
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
