import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, FrameLocator } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPanel, reloadPanel, suiteChromium } from './support/chromium'
import type { PanelPage } from './support/chromium'
import { suiteDevServer } from './support/dev-server'

const dir = mkdtempSync(join(tmpdir(), 'h3-session-editor-'))
const editor = join(dir, 'editor')
writeFileSync(editor, `#!/bin/sh\necho "$@" > ${join(dir, 'opened')}\n`, { mode: 0o755 })
afterAll(() => rmSync(dir, { recursive: true }))

const server = suiteDevServer(undefined, { LAUNCH_EDITOR: editor })
const newContext = suiteChromium(server)

/** An authorised browser with the panel open. */
let context: BrowserContext
let devtools: PanelPage
beforeAll(async () => {
  context = await newContext()
  devtools = await openPanel(context)
})
beforeEach(async () => {
  await context.clearCookies()
  await reloadPanel(devtools)
  await devtools.panel.getByRole('tab', { name: /^Timeline/ }).first().click()
})

describe('a request that failed', () => {
  it.each([
    ['GET', '/api/members', 401, 'deny', 'SESSION_REQUIRED', 'Log in first.', 'server/api/members.get.ts:2'],
    ['POST', '/api/too-large', 500, 'fail', 'SESSION_TOO_LARGE', 'too large for cookies', 'server/api/too-large.post.ts:3'],
    ['POST', '/api/kept/conflict', 409, 'fail', 'SESSION_CONFLICT', 'the session ended during this request', 'server/api/kept/conflict.post.ts:5'],
    ['POST', '/api/store-down', 503, 'fail', 'SESSION_STORE_UNAVAILABLE', 'Check that it runs', 'server/api/store-down.post.ts:4'],
  ])('%s %s is shown with its status %i, its reason and its place', async (method, path, status, kind, code, explanation, source) => {
    const { panel } = devtools
    await context.request.post('/api/kept/login', { data: { userId: 'ada' } })
    expect((await context.request.fetch(path, { method })).status()).toBe(status)
    const event = eventOf(panel, path, kind, code).filter({ hasText: String(status) }).first()
    await event.getByRole('button').first().click()
    await event.getByText(explanation).waitFor()
    await event.getByRole('button', { name: source }).waitFor()
  })

  it('shows at once that its store is down, and the panel stays usable', async () => {
    const { panel } = devtools
    await context.request.post('/api/store-down')
    await context.request.post('/api/coupon')
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByText('The store “unreachable” cannot be read').first().waitFor()
    await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
  })
})

it('a successful request is shown with its status', async () => {
  await context.request.post('/api/coupon')
  await eventOf(devtools.panel, '/api/coupon', 'create', 'status 200').first().waitFor()
})

it('a write is shown with its own place and its caller, which open in the editor', async () => {
  const { panel } = devtools
  await context.request.post('/api/coupon')
  const event = eventOf(panel, '/api/coupon', '+coupon').first()
  await event.getByRole('button').first().click()
  await event.getByRole('button', { name: 'server/utils/coupon.ts:5' }).waitFor()
  await event.getByRole('button', { name: 'server/api/coupon.post.ts:3' }).click()
  await panel.getByText('Opening server/api/coupon.post.ts:3.').waitFor()
  await expect.poll(() => readFile(join(dir, 'opened'), 'utf8').catch(() => '')).toMatch(/server\/api\/coupon\.post\.ts\b.*\b3\b/)
})

function eventOf(panel: FrameLocator, ...texts: string[]) {
  return texts.reduce((events, hasText) => events.filter({ hasText }), panel.getByRole('listitem'))
}
