import type { Json } from '../../../src/devtools/protocol'

/** Some parts are limited in length, so that a long text is not searched again from each of its words. */
const SECRETS = [
  // A header, also within a sentence.
  /^(?:bearer|basic)\s+\S/i, /\b(?:bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{16,}/i,
  /\bauthorization:\s*(?:(?:bearer|basic|digest|token|apikey)\s+\S|(?=\S{0,200}\d)\S{8})/i, /\bcookie:\s*[^\s=;,]{1,200}=[^\s;]/i,
  // A JWT or JWE, a seal of iron, a private key in PEM.
  /(?<![\w.-])eyJ[\w-]+\./, /Fe26\.2\*/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // A URL with credentials, also if its password has a "/", "?" or "#" that should be encoded. A port is no password.
  /:\/\/[^\s/?#]*@/, /:\/\/[^\s/?#:[]*:(?!\d+[/?#])[^\s@]{0,500}@/,
  // The code of OAuth. Other codes are short, or words.
  /[?&]code=(?=[^\s?&#]*\d)[^\s?&#]{8}/,
  // Tokens of GitHub, GitLab, AWS, Google, npm, Slack and Stripe, of Anthropic, OpenAI and SendGrid.
  /(?<![a-z\d])(?:gh[opsu]_[a-z\d]{20}|github_pat_\w{20}|glpat-[\w-]{20}|npm_[a-z\d]{36}|xox[bp]-[\w-]{10}|[rs]k_(?:live|test)_[a-z\d]{16})/i,
  /(?<![a-z\d])sk-(?:(?:ant|proj|svcacct|admin)-(?=[\w-]{0,60}\d)[\w-]{16}|[a-z\d]{32})/i, /(?<![A-Za-z\d])SG\.(?=[\w-]{0,60}\d)[\w-]{16,60}\.[\w-]{16}/,
  /(?<![A-Za-z\d])(?:A[KS]IA[A-Z\d]{16}(?![A-Za-z\d])|AIza[\w-]{35})/,
]

/** What is no value: nothing, a flag, or an operator such as `==` and `=>`. */
const VALUE = String.raw`(?=[\\"'[{(]*(?!(?:true|false|null|undefined)\b)[^\s\\"'[\]{}()=>;&,])`
/** The name before a value: a parameter of a URL, a part of a connection string, a property in JSON. */
const NAMED = [
  new RegExp(String.raw`(?<![^\s\\"'?&#=;,/:(){}<>])([^\s\\"'?&#=;,/:(){}<>]+)=${VALUE}`, 'g'),
  new RegExp(String.raw`["']([^"'\\]+)\\*["']\s*:\s*(?=[\\"'[{\d-])${VALUE}`, 'g'),
]

/** Whether a text contains a secret, whatever its key. `isSecretName`: whether a name in the text indicates one. */
export function isSecretText(value: Json | undefined, isSecretName: (name: string) => boolean): boolean {
  return typeof value === 'string' && (SECRETS.some(secret => secret.test(value)) || namesIn(value).some(isSecretName))
}

function namesIn(text: string): string[] {
  // URLSearchParams decodes a name, and does not throw.
  return NAMED.flatMap(named => [...text.matchAll(named)]).flatMap(([, name]) => [...new URLSearchParams(name).keys()])
}
