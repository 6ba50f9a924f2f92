import { createHash } from 'node:crypto'
import { resolveConfig } from '../runtime/core/config/resolve'
import type { ResolvedConfig } from '../runtime/core/config/types'
import { isSet } from '../runtime/core/config/parse'
import { configInvalid, SessionError, showValue } from '../runtime/core/model/errors'
import { createSealCodecs } from '../runtime/core/seal/sync-codec'
import { createSessionStore } from '../runtime/core/store/create-store'
import type { StoreDriver } from '../runtime/core/store/context'
import type { SessionStore } from '../runtime/core/store/store'
import type { SessionConfig } from '../runtime/core/model/types'
import { nodeCrypto } from '../runtime/server/crypto/node'
import { nodeFiles } from '../runtime/server/node-files'
import { createStoreEnvironment } from '../runtime/server/store-environment'

/** The store of the app. */
export interface TestStorage {
  /** An unstorage driver over the same data as the app's mount. The test disposes of it. */
  driver: StoreDriver
  /** The part of the app's `storage` after the mount. @default '' */
  prefix?: string
}

/** The session options of the app. The defaults are those of the module. */
export interface SessionTestOptions<Name extends string = string>
  extends Pick<SessionConfig, 'preset' | 'maxAge' | 'idleTimeout' | 'cookie' | 'seal' | 'storeTimeout'> {
  /** The app's password, at least 32 characters. Of several the first seals, all unseal. */
  password: string | string[]
  /** Name of the session and its cookie. @default that of the preset: 'h3', or '__Host-Http-session' for 'strict' */
  name?: Name
  /** The `now` of a fake clock, in milliseconds since 1970. @default Date.now */
  now?: () => number
  /** For apps with a store. @default unset: cookie sessions */
  storage?: TestStorage
}

/** A session's configuration, clock and store, as the server would have them. */
export interface TestContext {
  config: ResolvedConfig
  now: () => number
  /** Unset for cookie sessions. */
  store: SessionStore | undefined
}

// In place of the name of the server's mount.
const STORAGE = 'testing'

/**
 * Completes and checks the options as the server does.
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID
 */
export function createTestContext(call: string, options: SessionTestOptions): TestContext {
  const { password, storage, now = Date.now } = options ?? {}
  if (!isSet(password)) {
    throw new SessionError('SESSION_PASSWORD_MISSING',
      `${call}() needs the password of the app. Set the option password to the value of the server's NUXT_SESSION_PASSWORD.`)
  }
  if (typeof now !== 'function') throw configInvalid(`${call}() got now ${showValue(now)}. Use a function, such as clock.now.`)
  if (storage !== undefined && !(storage as Partial<TestStorage> | null)?.driver)
    throw configInvalid(`${call}() got storage ${showValue(storage)}. Use { driver } with an unstorage driver over the data of the app's mount.`)
  const config = resolveConfig({ ...options, storage: storage && STORAGE }, { preset: options.preset }, { createCodec: createSealCodecs(nodeCrypto()) })
  const env = createStoreEnvironment({ now, hash: sha256, files: nodeFiles() })
  return { config, now, store: storage && createSessionStore(storage, env, { timeout: config.storeTimeout }) }
}

/** SHA-256 in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
