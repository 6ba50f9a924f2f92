import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { openApp, openPanel, press, shownSession, suiteChromium } from './support/chromium'
import type { PanelPage } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import { filesWith } from './support/files'

const ITEM = 'marker-of-an-item-in-a-session'

const server = suiteDevServer()
const newContext = suiteChromium(server)

let context: BrowserContext
let devtools: PanelPage
let app: Page
let token = ''
beforeAll(async () => {
  context = await newContext()
  context.on('request', (request) => { token ||= request.headers()['x-nuxt-session-token'] ?? '' })
  devtools = await openPanel(context)
  app = await openApp(context)
  await press(app, 'login')
  await app.request.post('/api/cart', { data: { item: ITEM }, maxRedirects: 0 })
  await row('Ada Lovelace').waitFor()
})

describe('sessions and the timeline', () => {
  it('survive an edit of the server, and new events are added', async () => {
    const worker = await server.worker()
    await appendFile(join(server.dir, 'server/api/cart.post.ts'), '\n// changed\n')
    await until(async () => ![undefined, worker].includes(await server.worker()))
    await expectNewEvents('after-the-edit')
  })

  it('survive an edit of nuxt.config, and new events are added', async () => {
    const restarts = () => server.log.match(/Nuxt Nitro server built/g)?.length ?? 0
    const before = restarts()
    await appendFile(join(server.dir, 'nuxt.config.ts'), '\n// changed\n')
    await until(() => restarts() > before)
    await server.answers()
    // DevTools' own page may or may not reload. Opening it again has the same effect.
    await devtools.page.close()
    devtools = await openPanel(context)
    await expectNewEvents('after-the-restart')
  })
})

describe('a failure of the recorder', () => {
  it('does not affect a route whose session cannot be copied', async () => {
    const answer = await app.request.get('/api/circular')
    expect(await answer.json()).toEqual({ ok: true })
    await expectNewEvents('after-the-circle')
  })

  it('does not affect a route when the channel is closed', async () => {
    await app.request.post('/api/break-channel')
    await app.request.post('/api/cart', { data: { item: 'unrecorded' }, maxRedirects: 0 })
    expect((await app.request.get('/api/with-h3')).status()).toBe(200)
    await app.reload()
    expect(await shownSession(app)).toMatchObject({ cart: expect.arrayContaining([ITEM, 'unrecorded']) })
    // A new worker has a new channel.
    const worker = await server.worker()
    await appendFile(join(server.dir, 'server/api/cart.post.ts'), '\n// changed again\n')
    await until(async () => ![undefined, worker].includes(await server.worker()))
    await expectNewEvents('after-the-failure')
  })
})

describe('afterwards', () => {
  it('no data is left, seal or token in the log or on disk', async () => {
    const seals = (await context.cookies()).map(cookie => cookie.value).filter(value => value.startsWith('Fe26.2'))
    expect(seals).not.toEqual([])
    expect(token).toMatch(/^[\w-]{43}$/)
    for (const secret of [ITEM, 'after-the-edit', token, ...seals]) {
      expect(server.log, secret).not.toContain(secret)
      expect(await filesWith(secret, server.dirs), secret).toEqual([])
    }
  })

  it('the password is only in .env', async () => {
    const [, password] = /NUXT_SESSION_PASSWORD=(\S+)/.exec(await server.dotenv()) ?? []
    expect(server.log).not.toContain(password)
    expect(await filesWith(password!, server.dirs)).toEqual([join(server.dir, '.env')])
  })
})

/** Expects that earlier records are still shown, and that a new request appears. */
async function expectNewEvents(item: string): Promise<void> {
  await app.request.post('/api/cart', { data: { item }, maxRedirects: 0 })
  await devtools.page.bringToFront()
  await row('Ada Lovelace').filter({ hasText: 'this browser' }).click()
  const data = devtools.panel.getByLabel('The session\'s data', { exact: true })
  await expect.poll(() => data.textContent(), { timeout: 10_000 }).toContain(item)
  expect(await data.textContent()).toContain(ITEM)
  await row('regenerated').first().waitFor()
  await devtools.panel.getByRole('tab', { name: /^Requests/ }).click()
  await devtools.panel.getByRole('listitem').filter({ hasText: '/api/login' }).first().waitFor()
  await devtools.panel.getByRole('tab', { name: /^Sessions/ }).click()
}

function row(text: string) {
  return devtools.panel.getByRole('option').filter({ hasText: text })
}
