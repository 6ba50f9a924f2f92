/** An opened token. */
export interface CachedToken<Owner> {
  readonly token: string
  /** The resolved configuration that opened the token. Another one may reject it. */
  readonly owner: Owner
  /** The sealed JSON without keys `__proto__`; from the second hit on, the parsed value. */
  content: JsonText | JsonValue
  /** Milliseconds since 1970, or `''`. */
  readonly expiration: string
  readonly passwordIndex: number
  readonly isFallback: boolean
}

export interface JsonText { readonly text: string }
export interface JsonValue { readonly value: unknown }

/** A cache of opened tokens. */
export interface OpenedTokens<Owner extends object> {
  get: (token: string, owner: Owner) => CachedToken<Owner> | undefined
  /** Adds a token whose MAC was verified, or one that was just sealed. `isSlice`: it is part of a header. */
  add: (entry: CachedToken<Owner>, isSlice?: boolean) => void
  delete: (token: string) => void
}
