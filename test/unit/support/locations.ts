import { createHash } from 'node:crypto'
import { administratedStore, revoke, revokeUser } from '../../../src/runtime/core/session/administration'
import { DelayedStorage } from '../store/support/delayed-storage'
import { openSeal } from './app'
import type { TestApp, TestBrowser } from './app'
import { storedApp } from './stored'

/** Seconds that a location needs to see the writes of another one. */
export const DELAY = 60

/** Two locations of an app over one eventually consistent store. Their clocks are the same. */
export class Locations {
  readonly a = storedApp()
  readonly b = storedApp()
  readonly storage = new DelayedStorage(DELAY * 1000, this.a.env.now)

  constructor(driver?: string) {
    for (const [index, [name, { env }]] of Object.entries({ a: this.a, b: this.b }).entries()) {
      env.driver = this.storage.location(driver)
      env.newWriter = () => index / 2
      env.generateId = () => `${name}-${++env.ids}`
    }
  }

  pass(seconds: number) {
    this.a.pass(seconds)
    this.b.pass(seconds)
  }

  /** A new visitor of location A, whose session both locations know. */
  async visitor(userId?: string): Promise<TestBrowser> {
    const browser = this.a.browser()
    await browser.visit(async ({ use }) => (await use()).update({ secret: 1 }))
    if (userId !== undefined) await regenerate(browser, userId)
    this.pass(DELAY)
    return browser
  }

  /** The same browser, with a copy of its cookies, in another location. */
  copy(browser: TestBrowser, app: TestApp): TestBrowser {
    const copy = app.browser()
    for (const name of browser.jar.names) copy.jar.set(name, browser.jar.get(name)!)
    return copy
  }
}

export function storeOf(app: TestApp) {
  return administratedStore(app.env, app.resolve(), 'test')
}

export async function revokeIn(app: TestApp, handle: string) {
  return revoke(await storeOf(app), handle)
}

export async function revokeUserIn(app: TestApp, userId: string, except?: string) {
  return revokeUser(await storeOf(app), userId, except)
}

export async function regenerate(browser: TestBrowser, userId?: string): Promise<void> {
  await browser.visit(async ({ use }) => (await use()).regenerate({ userId }))
}

/** The handle of the browser's session, which may have ended. */
export async function handleOf(browser: TestBrowser): Promise<string> {
  const { id } = await openSeal(browser.jar.get('h3'))
  return createHash('sha256').update(id as string).digest('hex')
}
