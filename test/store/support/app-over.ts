import { randomBytes } from 'node:crypto'
import type { SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import type { StoreDriver } from '../../../src/runtime/core/store/context'
import { TestApp } from '../../unit/support/app'
import { nodeEnvironment } from './node-environment'

/** An app over a driver that several processes share, with the clock and the ids of a server. */
export function createApp(driver: StoreDriver, config: SessionRuntimeConfig): TestApp {
  const app = new TestApp({ storage: 'session', storeTimeout: 20_000, ...config })
  const { now, random, newWriter, startTimer } = nodeEnvironment
  Object.assign(app.env, { driver, now, random, newWriter, startTimer, generateId: () => randomBytes(32).toString('base64url') })
  return app
}
