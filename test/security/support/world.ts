import type { ResolvedConfig } from '../../../src/runtime/core/config/types'
import { ConfigCache } from '../../../src/runtime/core/config/cache'
import type { SessionContext, SessionEnvironment } from '../../../src/runtime/core/session/context'
import { createManager } from '../../../src/runtime/core/session/manager'
import { openSession } from '../../../src/runtime/core/session/open'
import type { Opening } from '../../../src/runtime/core/session/open'
import type { CreateSealCodec } from '../../../src/runtime/core/config/seal-openers'
import { sealText } from '../../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../../src/runtime/core/seal/sync-codec'
import { createWebCodec } from '../../../src/runtime/core/seal/web-codec'
import { TokenCache } from '../../../src/runtime/core/seal/token-cache'
import type { SessionConfig, SessionDataShape, SessionHookInfos, SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD, realCrypto } from '../../unit/support/app'
import { FakeTransport } from '../../unit/support/transport'
import type { FakeRequest } from '../../unit/support/transport'
import { FakeEnvironment } from '../../unit/support/environment'

/** An id that cannot be guessed, like those of the server. */
export const FRESH_ID = /^fresh-\d+$/

/** The environment of core. It records only the reasons of rejected sessions. */
class QuietEnvironment extends FakeEnvironment {
  rejections: string[] = []
  override generateId = () => `fresh-${++this.ids}`
  override hasHook = (name?: keyof SessionHookInfos) => name === 'session:reject'
  override callHook = (async (_name: string, _context: SessionContext, info: { reason: string }) => {
    this.rejections.push(info.reason)
  }) as unknown as FakeEnvironment['callHook']
}

/** The cost and result of opening one token, as recorded by the codecs. */
interface Costs {
  /** The attempts to open a token. Each costs a MAC. */
  opened: { token: string, isAuthentic: boolean }[]
  sealed: number
}

export type Way = 'node' | 'node, cached' | 'web'

/** An app with one kind of codec, whose calls are counted. */
export class World {
  readonly env = new QuietEnvironment()
  readonly costs: Costs = { opened: [], sealed: 0 }
  private readonly configs: ConfigCache
  readonly runtime: SessionRuntimeConfig

  constructor(readonly way: Way, runtime: SessionRuntimeConfig = {}) {
    this.runtime = { password: [PASSWORD, OLD_PASSWORD], caches: way === 'node, cached', ...runtime }
    this.configs = new ConfigCache({
      createCodec: this.counted(way === 'web' ? createWebCodec : createSealCodecs(realCrypto())),
      tokens: way === 'node, cached' ? new TokenCache() : undefined,
    })
  }

  resolve(call?: SessionConfig): ResolvedConfig {
    return this.configs.resolve(call, this.runtime).config
  }

  /** Seals an unchanged text, with the app's password or another. */
  async seal(text: string, { expiration = '', ...call }: SessionConfig & { expiration?: string } = {}): Promise<string> {
    const token = await sealText(text, expiration, this.resolve(call), this.env.now())
    this.costs.sealed = 0
    return token
  }

  /** Starts a request, and calls `useSession`, or opens the session without sending anything. */
  request(request: FakeRequest) {
    const transport = new FakeTransport(request)
    const open = async (opening: Opening, call?: SessionConfig) => {
      const { config, siblings } = this.configs.resolve(call, this.runtime)
      return createManager<SessionDataShape>(await openSession(this.env as SessionEnvironment, transport, config, siblings, opening))
    }
    return { transport, use: (call?: SessionConfig) => open('create', call), open: (call?: SessionConfig) => open('open', call) }
  }

  /** The records since the last call. */
  take() {
    const { opened, sealed } = this.costs
    const reasons = this.env.rejections
    this.costs.opened = []
    this.costs.sealed = 0
    this.env.rejections = []
    return { opened, sealed, reasons }
  }

  private counted(create: CreateSealCodec): CreateSealCodec {
    return (options) => {
      const codec = create(options)
      return {
        seal: (...args) => {
          this.costs.sealed++
          return codec.seal(...args)
        },
        open: (parts) => {
          const note = { token: parts.token, isAuthentic: false }
          this.costs.opened.push(note)
          const tell = (text: string | undefined) => {
            note.isAuthentic = text !== undefined
            return text
          }
          const text = codec.open(parts)
          return text instanceof Promise ? text.then(tell) : tell(text)
        },
      }
    }
  }
}

/** iron's options with other iterations. */
export function iterations(count: number): SessionConfig['seal'] {
  return { encryption: { iterations: count }, integrity: { iterations: count } } as SessionConfig['seal']
}
