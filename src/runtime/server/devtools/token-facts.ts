/** What a token's text shows without a password. It contains nothing from which a seal could be made. */
export interface TokenFacts {
  isEmpty: boolean
  isSeal: boolean
  /** How many parts it has between asterisks. */
  parts: number
  /** The end of the seal, in milliseconds since 1970. */
  end?: number
}

export function tokenFacts(token: string): TokenFacts {
  const parts = token.split('*')
  return { isEmpty: token === '', isSeal: token.startsWith('Fe26.'), parts: parts.length, end: Number(parts[5]) || undefined }
}
