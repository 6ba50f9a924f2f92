import type { SessionRuntimeConfig } from '../../../src/runtime/core/model/types'
import { decode, isAlive } from '../../../src/runtime/core/store/record'
import { TestApp } from './app'
import type { TestBrowser, Visit } from './app'
import { FakeTransport } from './transport'
import type { FakeRequest } from './transport'

/** An app with its sessions in a store, over unstorage's memory driver. */
export function storedApp(config: SessionRuntimeConfig = {}): TestApp {
  return new TestApp({ storage: 'session', ...config })
}

/** All values in the app's store, as text. */
export function itemsOf(app: TestApp): Map<string, string> {
  return app.env.driver.getInstance!() as Map<string, string>
}

/** The decoded values at the keys of sessions: records and tombstones. */
export function recordsOf(app: TestApp): Record<string, unknown>[] {
  const sessions = [...itemsOf(app)].filter(([key]) => /^[\da-f]{64}$/.test(key))
  return sessions.map(([, text]) => {
    const found = decode(text)!
    return { ...'record' in found ? found.record : found }
  })
}

/** The keys of the records in the app's store. */
export function liveKeys(app: TestApp): string[] {
  return [...itemsOf(app)].filter(([key, value]) => /^[\da-f]{64}$/.test(key) && isAlive(decode(value))).map(([key]) => key)
}

export function liveRecords(app: TestApp) {
  return recordsOf(app).filter(record => 'data' in record)
}

/** A request that writes. */
export function write(browser: TestBrowser, data: object) {
  return browser.visit(async ({ use }) => (await use()).update(data))
}

/** A request whose response never reaches the browser. */
export async function lose<T>(app: TestApp, browser: TestBrowser, handler: (visit: Visit) => Promise<T>, request: FakeRequest = {}) {
  const transport = new FakeTransport({ cookie: browser.jar.header(app.env.time), ...request })
  const result = await handler(app.request(transport))
  return { result, lines: transport.setCookies() }
}
