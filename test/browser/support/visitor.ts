import type { Browser, BrowserContext, LaunchOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Server } from '../../e2e/support/server'
import { launchChromium } from './launch'

const TIMEOUT = 10_000
const ENDPOINT = /\/api\/_session(?:\?|$)/
/** The browser's own message about a failed request, which a page cannot suppress. */
const OF_THE_BROWSER = 'Failed to load resource'

/** Chromium for all tests of a file, with visitors of the app. */
export function suiteVisitors(server: Server, options?: LaunchOptions): (to?: Server) => Promise<Visitor> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium(options)
  })
  afterAll(() => browser.close())

  /** A visitor with separate cookies, until the end of the test. */
  return async (to = server) => {
    const context = await browser.newContext({ baseURL: to.url })
    context.setDefaultTimeout(TIMEOUT)
    onTestFinished(() => context.close())
    return new Visitor(context)
  }
}

/** A browser, whose tabs share the cookies. */
export class Visitor {
  constructor(readonly context: BrowserContext) {}

  /** An empty tab. */
  async tab(): Promise<Tab> {
    return new Tab(await this.context.newPage())
  }

  /** Loads a page in a new tab, and waits until it is hydrated. */
  async open(path: string): Promise<Tab> {
    const tab = await this.tab()
    await tab.goto(path)
    return tab
  }

  /** Returns a page's HTML. */
  async html(path: string): Promise<string> {
    return (await this.context.request.get(path)).text()
  }

  /** Sends a request to a route of the app with this browser's cookies. */
  async post(path: string, data: object = {}): Promise<void> {
    const answer = await this.context.request.post(path, { data })
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}.`)
  }

  /** Logs in by a request, without a page. */
  login(name = 'Ada'): Promise<void> {
    return this.post('/api/login', { name })
  }
}

/** The endpoint's next response, held back. */
export interface HeldAnswer { isGiven: Promise<unknown>, release: () => void }

/** A page of the fixture, with its requests and its console. */
export class Tab {
  /** The client's requests for the session: method and path, in order. */
  readonly asked: string[] = []
  /** Warnings and errors in the console, and uncaught errors. */
  readonly complaints: string[] = []

  constructor(readonly page: Page, route = '/api/_session') {
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url())
      if (pathname === route) this.asked.push(`${request.method()} ${pathname}${search}`)
    })
    page.on('console', (message) => {
      const isComplaint = ['warning', 'error'].includes(message.type()) && !message.text().startsWith(OF_THE_BROWSER)
      if (isComplaint) this.complaints.push(message.text())
    })
    page.on('pageerror', error => this.complaints.push(String(error)))
  }

  /** Loads a page, and waits until it is hydrated. */
  async goto(path: string): Promise<void> {
    await this.page.goto(path)
    await this.settled()
  }

  /** Navigates to a page, like a link of the app. */
  async follow(path: string): Promise<void> {
    await this.page.locator(`nav a[href="${path}"]`).click()
  }

  /** Presses a button. */
  async press(id: string): Promise<void> {
    await this.page.locator(`#${id}`).click()
  }

  /** The text of an element. */
  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent() ?? '').trim()
  }

  /** Waits until an element shows a text. */
  async shows(id: string, text: string): Promise<void> {
    await this.page.locator(`#${id}`).filter({ hasText: text }).waitFor()
  }

  /** Holds the endpoint's next response back, so that later requests get their responses first. */
  async holdAnswer(of = ''): Promise<HeldAnswer> {
    const given = Promise.withResolvers<undefined>()
    const released = Promise.withResolvers<undefined>()
    await this.page.route(url => ENDPOINT.test(url.href) && url.search.includes(of), async (route) => {
      const response = await route.fetch()
      given.resolve(undefined)
      await released.promise
      await route.fulfill({ response })
    }, { times: 1 })
    return { isGiven: given.promise, release: () => released.resolve(undefined) }
  }

  /** The endpoint fails from now on, until the returned function is called. */
  async breakEndpoint(how: 'offline' | 500): Promise<() => Promise<void>> {
    await this.page.route(ENDPOINT, route => how === 'offline' ? route.abort('internetdisconnected') : route.fulfill({ status: how }))
    return () => this.page.unroute(ENDPOINT)
  }

  /** The pages that the browser loads from now on. */
  countLoads(): () => string[] {
    const loads: string[] = []
    this.page.on('request', (request) => {
      if (request.isNavigationRequest()) loads.push(new URL(request.url()).pathname)
    })
    return () => loads
  }

  /** Waits until the page is hydrated and all of its own requests are recorded. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => window.useNuxtApp?.().isHydrating === false)
    // The test's request is recorded after those of the page.
    await this.page.evaluate(() => fetch('/api/seen').then(response => response.text()))
  }
}
