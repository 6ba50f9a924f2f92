import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { launchChromium } from './support/launch'

const server = suiteServer('main', { NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_CROSS_ORIGIN: 'refuse' })
const attacker = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<!DOCTYPE html><title>attacker</title>')
})
let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
  attacker.listen(0, '127.0.0.1')
  await once(attacker, 'listening')
})
afterAll(async () => {
  await browser.close()
  attacker.close()
})

const port = () => (attacker.address() as AddressInfo).port

/** The requests that a page can send to another origin. Each is sent in the page, with the address of the target. */
const REQUESTS: Record<string, (url: string) => unknown> = {
  'a form': (url) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url })
    document.body.append(form)
    form.submit()
  },
  'a form in the iframe of a data URL': (url) => {
    const frame = document.createElement('iframe')
    frame.src = `data:text/html,<form method="post" action="${url}"></form><script>document.forms[0].submit()</script>`
    document.body.append(frame)
  },
  'fetch': url => void fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => undefined),
  'sendBeacon': url => navigator.sendBeacon(url, 'x'),
}

async function pageAt(url: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Sends a request from a page, and returns the status that the app answers. */
async function statusOf(page: Page, kind: string): Promise<number> {
  const answer = page.context().waitForEvent('response', response => response.url().endsWith('/api/count'))
  await page.evaluate(REQUESTS[kind]!, `${server.url}/api/count`)
  return (await answer).status()
}

/** Whether a page can open a WebSocket to the app. */
function canOpen(page: Page): Promise<boolean> {
  return page.evaluate(url => new Promise<boolean>((resolve) => {
    const socket = new WebSocket(url)
    socket.onopen = () => resolve(true)
    socket.onerror = () => resolve(false)
  }), `${server.url.replace('http', 'ws')}/_socket`)
}

describe.each([
  ['another site', () => `http://localhost:${port()}/`],
  ['another port of the same site', () => `http://127.0.0.1:${port()}/`],
])('in Chromium, a page of %s', (_, url) => {
  it.each(Object.keys(REQUESTS))('gets 403 by %s', async (kind) => {
    expect(await statusOf(await pageAt(url()), kind)).toBe(403)
  })

  it('opens no WebSocket', async () => {
    expect(await canOpen(await pageAt(url()))).toBe(false)
  })
})

describe('in Chromium, a page of the app', () => {
  it.each(['a form', 'fetch', 'sendBeacon'])('passes by %s', async (kind) => {
    expect(await statusOf(await pageAt(server.url), kind)).toBe(200)
  })

  it('opens its WebSocket', async () => {
    expect(await canOpen(await pageAt(server.url))).toBe(true)
  })
})
