import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** What the authorization request asked for. */
interface Grant { redirectUri: string, challenge: string | null, nonce: string | null }

const CLIENT = { id: 'docs', secret: 'test-only-secret-of-the-client' }

/**
 * An OpenID Connect provider on 127.0.0.1, over TLS, whose user agrees to everything. It requires PKCE.
 * Below `/github` it answers like GitHub: numeric ids, and PKCE only if the client uses it.
 */
export class Provider {
  static async start(): Promise<Provider> {
    const provider = new Provider()
    provider.#server.listen(0, '127.0.0.1')
    await once(provider.#server, 'listening')
    return provider
  }

  readonly client = CLIENT
  /** The file of the certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string
  /** The client's secret and every issued token: no browser may see one. */
  readonly tokens: string[] = [CLIENT.secret]
  readonly #directory = mkdtempSync(join(tmpdir(), 'provider-'))
  readonly #server: Server
  readonly #signing = generateKeyPairSync('rsa', { modulusLength: 2048 })
  readonly #grants = new Map<string, Grant>()
  readonly #accessTokens = new Set<string>()
  /** The number of requests to the token endpoint. */
  exchanges = 0

  private constructor() {
    const key = join(this.#directory, 'key.pem')
    this.certificate = join(this.#directory, 'certificate.pem')
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
      '-subj', '/CN=test provider', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', this.certificate,
    ], { stdio: 'pipe' })
    this.#server = createServer({ key: readFileSync(key), cert: readFileSync(this.certificate) }, (request, response) => {
      this.#answer(request, response).catch(error => response.writeHead(500).end(String(error)))
    })
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /** The user agrees: returns the URL that the browser is redirected to. */
  authorize(authorizationUrl: string): URL {
    const { origin, searchParams: asked } = new URL(authorizationUrl)
    if (origin !== this.url) throw new Error(`${origin} is not this provider.`)
    if (asked.get('client_id') !== this.client.id || asked.get('response_type') === 'token') throw new Error('The authorization request is invalid.')
    if (asked.has('code_challenge') && asked.get('code_challenge_method') !== 'S256') throw new Error('Only S256 is supported.')
    const back = new URL(asked.get('redirect_uri')!)
    const code = randomBytes(16).toString('hex')
    this.#grants.set(code, { redirectUri: back.href, challenge: asked.get('code_challenge'), nonce: asked.get('nonce') })
    back.searchParams.set('code', code)
    if (asked.has('state')) back.searchParams.set('state', asked.get('state')!)
    return back
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, this.url)
    const routes: Record<string, () => unknown> = {
      '/.well-known/openid-configuration': () => ({
        issuer: this.url, authorization_endpoint: `${this.url}/authorize`, token_endpoint: `${this.url}/token`,
        userinfo_endpoint: `${this.url}/userinfo`, jwks_uri: `${this.url}/jwks`, response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'], subject_types_supported: ['public'], code_challenge_methods_supported: ['S256'],
      }),
      '/jwks': () => ({ keys: [this.#signing.publicKey.export({ format: 'jwk' })] }),
      '/token': () => this.#exchange(request, true),
      '/userinfo': () => this.#isAuthorized(request) && { sub: 'ada-of-the-provider', name: 'Ada' },
      '/github/token': () => this.#exchange(request, false),
      '/github/user': () => this.#isAuthorized(request) && { id: 583231, login: 'ada' },
    }
    const body = await routes[pathname]?.()
    response.writeHead(body ? 200 : 400, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body || { error: 'invalid_grant' }))
  }

  /** Exchanges a code once, and only with the verifier of its challenge. */
  async #exchange(request: IncomingMessage, isOpenId: boolean): Promise<object | undefined> {
    this.exchanges++
    const body = new URLSearchParams(await text(request))
    const grant = this.#grants.get(body.get('code')!)
    this.#grants.delete(body.get('code')!)
    const verifier = body.get('code_verifier')
    const challenge = verifier && createHash('sha256').update(verifier).digest('base64url')
    const isRight = grant && body.get('grant_type') === 'authorization_code' && body.get('redirect_uri') === grant.redirectUri
      && challenge === grant.challenge && body.get('client_id') === this.client.id && body.get('client_secret') === this.client.secret
    if (!isRight || (isOpenId && !challenge)) return undefined
    const accessToken = this.#newToken()
    this.#accessTokens.add(accessToken)
    const tokens = { access_token: accessToken, refresh_token: this.#newToken(), token_type: 'bearer', expires_in: 3600 }
    return isOpenId ? { ...tokens, id_token: this.#idToken(grant.nonce) } : tokens
  }

  #isAuthorized({ headers: { authorization = '' } }: IncomingMessage): boolean {
    return this.#accessTokens.has(authorization.replace(/^(?:bearer|token) /i, ''))
  }

  #newToken(): string {
    const token = randomBytes(24).toString('hex')
    this.tokens.push(token)
    return token
  }

  #idToken(nonce: string | null): string {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: this.url, sub: 'ada-of-the-provider', aud: this.client.id, iat: now, exp: now + 300, ...nonce && { nonce } }
    const signed = [{ alg: 'RS256' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    const token = `${signed}.${sign('sha256', Buffer.from(signed), this.#signing.privateKey).toString('base64url')}`
    this.tokens.push(token)
    return token
  }
}
