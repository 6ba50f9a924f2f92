const { subtle } = globalThis.crypto

type Json = Record<string, unknown>
export interface TokenParts {
  header?: Json
  payload?: Json
  /** The header and the payload as JSON texts, in place of those of the objects. */
  texts?: [header: string, payload: string]
  sign?: (signed: string) => Promise<Uint8Array>
}

// An interface would not be assignable to JsonWebKey.
type PublicJwk = { kty: string, crv: string, x: string, y: string }

/** The key of a browser, which signs tokens as Chromium does. */
export class DeviceKey {
  readonly jwk: PublicJwk
  readonly #pair: CryptoKeyPair

  private constructor(pair: CryptoKeyPair, jwk: PublicJwk) {
    this.#pair = pair
    this.jwk = jwk
  }

  static async create(): Promise<DeviceKey> {
    const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const { kty, crv, x, y } = await subtle.exportKey('jwk', pair.publicKey)
    return new DeviceKey(pair, { kty: kty!, crv: crv!, x: x!, y: y! })
  }

  /** The token of a registration. */
  registration(challenge: string): Promise<string> {
    return this.token({ header: { jwk: this.jwk }, payload: { jti: challenge } })
  }

  /** The token of a refresh. */
  refresh(challenge: string): Promise<string> {
    return this.token({ payload: { jti: challenge } })
  }

  /** A token with changed parts. */
  async token({ header, payload, texts, sign = signed => this.sign(signed) }: TokenParts): Promise<string> {
    const [head, claims] = texts ?? [JSON.stringify({ alg: 'ES256', typ: 'dbsc+jwt', ...header }), JSON.stringify({ ...payload })]
    const signed = `${base64url(head)}.${base64url(claims)}`
    return `${signed}.${base64url(await sign(signed))}`
  }

  async sign(signed: string): Promise<Uint8Array> {
    return new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, this.#pair.privateKey, new TextEncoder().encode(signed)))
  }
}

export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url')
}

/** The challenge and the path in the header `Secure-Session-Registration`. */
export function readRegistration(header: string | undefined | null): { path: string, challenge: string } | undefined {
  const [, path, challenge] = /^\(ES256\);path="([^"]+)";challenge="([^"]+)"$/.exec(header ?? '') ?? []
  return path === undefined || challenge === undefined ? undefined : { path, challenge }
}

/** The challenge in the header `Secure-Session-Challenge`. */
export function readChallenge(header: string | undefined | null): { challenge: string, id: string } | undefined {
  const [, challenge, id] = /^"([^"]+)";id="([^"]+)"$/.exec(header ?? '') ?? []
  return challenge === undefined || id === undefined ? undefined : { challenge, id }
}
