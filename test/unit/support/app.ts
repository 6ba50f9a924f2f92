import { Buffer } from 'node:buffer'
import * as nodeModule from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { defaults, unseal } from 'iron-webcrypto'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { configuredNameOf, resolveConfig } from '../../../src/runtime/core/config/resolve'
import type { ResolvedConfig } from '../../../src/runtime/core/config/types'
import { ConfigCache } from '../../../src/runtime/core/config/cache'
import { createManager } from '../../../src/runtime/core/session/manager'
import { openSession } from '../../../src/runtime/core/session/open'
import type { Opening } from '../../../src/runtime/core/session/open'
import { sealSession, sealText } from '../../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../../src/runtime/core/seal/sync-codec'
import type { SyncCrypto } from '../../../src/runtime/core/seal/crypto'
import { TokenCache } from '../../../src/runtime/core/seal/token-cache'
import type { Session, SessionConfig, SessionDataShape, SessionManager, SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { nodeCrypto } from '../../../src/runtime/server/crypto/node'
import { createQuickPrimitives } from '../../../src/runtime/server/crypto/node-quick'
import { FakeTransport } from './transport'
import type { FakeRequest } from './transport'
import { FakeEnvironment } from './environment'
import { CookieJar, shapesOf } from './jar'

/** iron's type is narrower than TypeScript's `Crypto`. */
export const webCrypto = globalThis.crypto as Parameters<typeof unseal>[0]
export const PASSWORD = 'a password of the tests, 32 characters long'
export const OLD_PASSWORD = 'the password before, 32 characters long'

/** The project `unit-node` runs the same tests with the synchronous seals and the caches of a server on Node. */
const isSynchronous = process.env.TEST_SEALS === 'node'

/** Resolves options like the server, or with iron-webcrypto and without caches. */
export function createResolver(): (call?: SessionConfig, runtime?: SessionRuntimeConfig) => ResolvedConfig {
  if (!isSynchronous) return (call, runtime) => resolveConfig(call, runtime, { createCodec: createWebCodec })
  const configs = new ConfigCache({ createCodec: createSealCodecs(realCrypto()), tokens: new TokenCache() })
  return (call, runtime) => configs.resolve(call, runtime).config
}

/** The primitives of `node:crypto`, as of a busy process on a machine with many cores. */
export function realCrypto(): SyncCrypto {
  const crypto = nodeCrypto()
  if (!crypto) throw new Error('these tests need node:crypto')
  return { ...crypto, ...createQuickPrimitives({ ...nodeModule, Buffer }, nodeModule.randomBytes), parallelism: 2 }
}

type Primitive = Exclude<keyof SyncCrypto, 'parallelism' | 'now' | 'wait'>
type CryptoCall = { [K in Primitive]: { name: K, args: Parameters<SyncCrypto[K]> } }[Primitive]

/** The real primitives, with a record of their calls. */
export function recordedCrypto(real = realCrypto()) {
  const calls: CryptoCall[] = []
  const record = ([name, primitive]: [string, unknown]) => [name, typeof primitive !== 'function' || name === 'now' || name === 'wait'
    ? primitive
    : (...args: never[]) => {
        calls.push({ name, args } as unknown as CryptoCall)
        return primitive(...args) as unknown
      }]
  return {
    crypto: Object.fromEntries(Object.entries(real).map(record)) as SyncCrypto,
    /** Names of the primitives called since the last call. */
    take: () => calls.splice(0).map(call => call.name),
    count: (...names: Primitive[]) => calls.filter(call => names.includes(call.name)).length,
  }
}

/** Bytes of the heap in use after a garbage collection. */
export function usedHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

export interface Visit {
  transport: FakeTransport
  /** `useSession` */
  use: (config?: SessionConfig) => Promise<SessionManager<SessionDataShape>>
  /** Opens as `updateSession` does: without sending a new session. */
  open: (config?: SessionConfig) => Promise<SessionManager<SessionDataShape>>
}

/** An app with sessions: core and its configuration, without a server. */
export class TestApp {
  readonly #resolve = createResolver()

  constructor(public config: SessionRuntimeConfig = {}, readonly env = new FakeEnvironment()) {
    this.config = { password: PASSWORD, ...config }
  }

  resolve(config?: SessionConfig) {
    return this.#resolve(config, this.config)
  }

  /** Lets seconds pass. */
  pass(seconds: number) {
    this.env.time += seconds * 1000
  }

  browser() {
    return new TestBrowser(this)
  }

  /** The functions of one request. */
  request(transport: FakeTransport): Visit {
    const names = [configuredNameOf(this.config), ...Object.keys(this.config.named ?? {})]
    const open = async (opening: Opening, config?: SessionConfig) => {
      const resolved = this.resolve(config)
      const siblings = { names: names.filter(name => name !== resolved.name), resolve: (name: string) => this.resolve({ name }) }
      return createManager<SessionDataShape>(await openSession(this.env, transport, resolved, siblings, opening))
    }
    return { transport, use: config => open('create', config), open: config => open('open', config) }
  }

  /** A seal that the app can open, of a valid session with the given fields. */
  seal(session: Partial<Session<SessionDataShape>> & Record<string, unknown> = {}, config?: SessionConfig) {
    const now = this.env.now()
    return sealSession({ id: 'sealed', createdAt: now, data: {}, ...session }, this.resolve(config), now)
  }

  /** A seal of any content, without an end. */
  sealText(value: unknown) {
    return sealText(JSON.stringify(value), '', this.resolve(), this.env.now())
  }
}

/** A visitor with a cookie jar. */
export class TestBrowser {
  readonly jar = new CookieJar()

  constructor(private readonly app: TestApp) {}

  /** One request. The browser gets the cookies even if the handler throws. */
  async visit<T>(handler: (visit: Visit) => Promise<T>, request: FakeRequest = {}) {
    const { env } = this.app
    const transport = new FakeTransport({ cookie: this.jar.header(env.time), ...request })
    try {
      const result = await handler(this.app.request(transport))
      return { result, transport, lines: transport.setCookies(), shapes: shapesOf(transport.setCookies()) }
    }
    finally {
      this.jar.receive(transport.setCookies(), env.time)
    }
  }

  /** The data that the next request sees. */
  async data(config?: SessionConfig) {
    return (await this.visit(async ({ use }) => ({ ...(await use(config)).data }))).result
  }
}

/** The content of a seal, opened by iron itself. */
export async function openSeal(seal: string | undefined, password = PASSWORD): Promise<Record<string, unknown>> {
  const skew = { ...defaults, timestampSkewSec: Number.MAX_SAFE_INTEGER }
  return await unseal(webCrypto, seal ?? '', password, skew) as Record<string, unknown>
}
