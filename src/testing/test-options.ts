import { resolveConfig } from '../runtime/core/config'
import type { ResolvedConfig } from '../runtime/core/config'
import { isSet } from '../runtime/core/config-values'
import { configInvalid, SessionError, showValue } from '../runtime/core/errors'
import { createSyncCodecs } from '../runtime/core/seal-sync'
import { createSessionStore } from '../runtime/core/store/create-store'
import type { StoreDriver } from '../runtime/core/store/environment'
import type { SessionStore } from '../runtime/core/store/store'
import type { SessionConfig } from '../runtime/core/types'
import { nodeCrypto } from '../runtime/server/node-crypto'
import { nodeFiles } from '../runtime/server/node-files'
import { createStoreEnvironment } from '../runtime/server/store-environment'
import { sha256 } from './sha256'

/** Where sessions lie in a store. */
export interface TestStorage {
  /** An unstorage driver over the same data as the app's mount; to be disposed of by who made it. */
  driver: StoreDriver
  /** What the app's `storage` names below the mount. @default '' */
  prefix?: string
}

/** The options of the app's session as the app has them; what is left out is the module's own default. */
export interface SessionTestOptions<Name extends string = string>
  extends Pick<SessionConfig, 'maxAge' | 'idleTimeout' | 'cookie' | 'seal' | 'storeTimeout'> {
  /** The app's: at least 32 characters. Of several the first seals, all unseal. */
  password: string | string[]
  /** Name of the session, which is its cookie's. @default 'h3' */
  name?: Name
  /** Milliseconds since 1970: a fake clock's `now`. @default Date.now */
  now?: () => number
  /** Where the app keeps the session, for apps with a store. @default unset: all is in the cookie */
  storage?: TestStorage
}

/** A session's configuration, and what the server would have around it. */
export interface TestPlace {
  config: ResolvedConfig
  now: () => number
  /** Unset: the cookie holds the session. */
  store: SessionStore | undefined
}

// In the server it is the name of the mount.
const STORAGE = 'testing'

/**
 * Completes and checks the options as the server does.
 * @throws SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK, SESSION_CONFIG_INVALID
 */
export function toTestPlace(call: string, options: SessionTestOptions): TestPlace {
  const { password, storage, now = Date.now } = options ?? {}
  if (!isSet(password)) {
    throw new SessionError('SESSION_PASSWORD_MISSING',
      `${call}() needs the password of the app under test. Give it as the option password: the text that the server gets as NUXT_SESSION_PASSWORD.`)
  }
  if (typeof now !== 'function') throw configInvalid(`${call}() got now ${showValue(now)}. Give a function, such as clock.now.`)
  assertStorage(call, storage)
  const crypto = nodeCrypto()
  const config = resolveConfig({ ...options, storage: storage && STORAGE }, undefined, { createCodec: crypto && createSyncCodecs(crypto) })
  return { config, now, store: storage && openStore(storage, config, now) }
}

function openStore({ driver, prefix }: TestStorage, { storeTimeout }: ResolvedConfig, now: () => number): SessionStore {
  return createSessionStore({ driver, prefix }, createStoreEnvironment({ now, hash: sha256, files: nodeFiles() }), { timeout: storeTimeout })
}

function assertStorage(call: string, storage: unknown): void {
  if (storage === undefined || (storage as Partial<TestStorage> | null)?.driver) return
  throw configInvalid(`${call}() got storage ${showValue(storage)}. Give { driver }, where driver is an unstorage driver over the data of the app's mount.`)
}
