/** What a token's text shows without a password. It contains nothing from which a seal could be made. */
export interface TokenFacts {
  isEmpty: boolean
  isSeal: boolean
  /** How many parts it has between asterisks. */
  parts: number
  /** Whether each part has the form and the length that it has in a seal. */
  isWhole: boolean
  /** The end of the seal, in milliseconds since 1970. */
  end?: number
}

const WHOLE = /^Fe26\.2\*\w*\*[\da-f]{64}\*[\w-]{22}\*(?:[\w-]{4})*[\w-]{0,3}\*\d*\*[\da-f]{64}\*[\w-]{43}(?:~\d+)?$/

export function tokenFacts(token: string): TokenFacts {
  const parts = token.split('*')
  return { isEmpty: token === '', isSeal: token.startsWith('Fe26.'), parts: parts.length, isWhole: WHOLE.test(token), end: Number(parts[5]) || undefined }
}
