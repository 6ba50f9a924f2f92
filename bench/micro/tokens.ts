import type { SessionRecord } from '../session-data.ts'
import { ReferenceSealer } from './reference-seal.ts'

/** Returns tokens in turn, again and again. */
export class TokenCycle {
  readonly #tokens: string[]
  #index = 0

  constructor(tokens: string[]) {
    this.#tokens = tokens
  }

  readonly next = (): string => {
    if (this.#index === this.#tokens.length) this.#index = 0
    return this.#tokens[this.#index++] ?? ''
  }
}

/** Different tokens of one session with the same salts: their keys can be cached, the tokens cannot. */
export function sameSaltTokens(password: string, record: SessionRecord, count: number, iterations = 1): TokenCycle {
  const sealer = new ReferenceSealer(password, iterations)
  return new TokenCycle(Array.from({ length: count }, () => sealer.seal(record)))
}

/** Tokens with a fresh salt each. */
export function freshSaltTokens(password: string, record: SessionRecord, count: number): TokenCycle {
  return new TokenCycle(Array.from({ length: count }, () => new ReferenceSealer(password).seal(record)))
}
