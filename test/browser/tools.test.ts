import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { expect, it } from 'vitest'
import { openApp, reloadPanel, restart, suitePanel } from './support/chromium'

const devtools = suitePanel()
const { server, newContext } = devtools

it('the detail leaves another visitor\'s session for the one that this browser gets by a login', async () => {
  const { panel, context } = devtools
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/slow-login')
  await panel.getByRole('heading', { name: 'Alan Turing' }).waitFor()
  await context.request.post('/api/login', { maxRedirects: 0 })
  await panel.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
  expect(await panel.getByRole('option', { selected: true }).textContent()).toContain('this browser')
})

it('another visitor\'s session stays if it was chosen', async () => {
  const { panel, context } = devtools
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/slow-login')
  await panel.getByRole('option').filter({ hasText: 'Alan Turing' }).first().click()
  await context.request.post('/api/login', { maxRedirects: 0 })
  await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
  expect(await panel.getByRole('heading', { level: 2 }).first().textContent()).toContain('Alan Turing')
})

it('data of more than 200,000 characters has the sizes of its keys', async () => {
  const { panel, context } = devtools
  await context.request.post('/api/kept', { data: { results: 'x'.repeat(250_000), small: 1 } })
  await panel.getByRole('option').filter({ hasText: 'this browser' }).click()
  await panel.getByText('only the sizes of its keys are shown').waitFor()
  await panel.getByRole('row', { name: /results 244\.2 KB/ }).waitFor()
  await panel.getByRole('row', { name: /small 10 B/ }).waitFor()
})

it('the options show where each comes from, and no password', async () => {
  const { panel } = devtools
  await panel.getByRole('tab', { name: 'Options' }).click()
  await panel.getByText('Options of h3').waitFor()
  const fact = (option: string) => panel.locator('.options > div').filter({ has: panel.getByText(option, { exact: true }) })
  await fact('maxAge').getByText('604800 (7 d)').waitFor()
  await fact('maxAge').getByText('session.maxAge').waitFor()
  await fact('password').getByText('NUXT_SESSION_PASSWORD').waitFor()
  await panel.getByLabel('Session', { exact: true }).selectOption('kept')
  await fact('storage').getByText('session.named.kept.storage').waitFor()
  const password = /NUXT_SESSION_PASSWORD="?([^"\n]+)/.exec(await server.dotenv())?.[1]
  expect(password).toMatch(/^\S{32,}$/)
  expect(await panel.locator('body').textContent()).not.toContain(password)
})

it('the timeline and ended sessions are cleared, also for a panel that is opened later', async () => {
  const { panel, context } = devtools
  const app = await openApp(context)
  await app.request.post('/api/login', { maxRedirects: 0 })
  const ended = panel.getByRole('option').filter({ hasText: 'regenerated' })
  await ended.first().waitFor()
  await panel.getByRole('button', { name: 'Clear requests, and ended and imported sessions' }).click()
  await panel.getByText('The requests and the ended sessions are cleared.').waitFor()
  await expect.poll(() => ended.count()).toBe(0)
  await app.close()
  await reloadPanel(devtools)
  await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
  expect(await ended.count()).toBe(0)
  await panel.getByRole('tab', { name: 'Requests, 0', exact: true }).waitFor()
})

it('what was seen before a restart of the server stays in the panel, though its page is reloaded', { timeout: 120_000 }, async () => {
  const { panel, context } = devtools
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/slow-login')
  await context.request.post('/api/login', { maxRedirects: 0 })
  await panel.getByRole('option').filter({ hasText: 'Alan Turing' }).first().waitFor()
  await restart(devtools)
  await context.request.post('/api/coupon')
  await panel.getByRole('option').filter({ hasText: 'Alan Turing' }).filter({ hasText: 'before the restart' }).first().waitFor({ timeout: 60_000 })
  await panel.getByRole('option').filter({ hasText: 'Ada Lovelace' }).filter({ hasText: 'this browser' }).waitFor()
  await panel.getByRole('tab', { name: /^Requests/ }).click()
  for (const path of ['slow-login', 'coupon']) await panel.getByRole('button', { name: new RegExp(`POST /api/${path}`) }).first().waitFor()
})

it('a token that a new password rejects after a restart names the session and the user that it was', { timeout: 120_000 }, async () => {
  const { panel } = devtools
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/slow-login')
  const cookie = await cookiesOf(stranger)
  await panel.getByRole('option').filter({ hasText: 'Alan Turing' }).filter({ hasNotText: 'before the restart' }).first().waitFor()
  await writeFile(join(server.dir, '.env'), (await server.dotenv()).replace(/(?<=SESSION_PASSWORD=).*/, 'test-only-another-password-of-the-app-0123456789'))
  await restart(devtools)
  await stranger.request.get('/api/session')
  await panel.getByRole('tab', { name: /^Requests/ }).click()
  const rejected = panel.getByRole('listitem').filter({ hasText: 'reject' }).filter({ hasText: 'Alan Turing' }).first()
  await rejected.waitFor({ timeout: 60_000 })
  await rejected.getByRole('button').first().click()
  await panel.getByText('this server has accepted it before: the password was changed').first().waitFor()
  await rejected.getByRole('button', { name: 'Open session' }).first().click()
  await panel.getByRole('article').filter({ hasText: 'rejected' }).getByText('The app rejects its cookie "h3". No configured password opens it').waitFor()
  await panel.getByRole('tab', { name: 'Unseal' }).click()
  await panel.getByRole('textbox').fill(cookie)
  await panel.getByRole('button', { name: 'Unseal', exact: true }).click()
  const unsealed = panel.getByRole('article').filter({ hasText: 'the password was changed' }).filter({ hasText: 'Alan Turing' })
  await unsealed.getByRole('button', { name: 'Open session' }).click()
  await panel.getByRole('heading', { name: 'Alan Turing' }).waitFor()
})

it('a session whose store has lost it in a restart is shown as missing, or as rejected with the sentence of the reject if its cookie has come', { timeout: 120_000 }, async () => {
  const { panel, context } = devtools
  await context.request.post('/api/kept/login', { data: { userId: 'hedy' } })
  const row = panel.getByRole('option').filter({ hasText: 'hedy' })
  await row.filter({ hasText: 'this browser' }).waitFor()
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/kept/login', { data: { userId: 'grace' } })
  const other = panel.getByRole('option').filter({ hasText: 'grace' })
  await other.waitFor()
  await restart(devtools)
  await other.filter({ hasText: 'missing in the store' }).filter({ hasText: 'before the restart' }).waitFor({ timeout: 60_000 })
  await context.request.get('/api/kept')
  await row.filter({ hasText: 'rejected' }).filter({ hasNotText: 'this browser' }).click({ timeout: 60_000 })
  await panel.getByText('The app rejects its cookie "kept". The store "kept" has no record of the session').filter({ visible: true }).waitFor()
})

it('unseals a token with the call that ended its session, also after a restart of the server', { timeout: 120_000 }, async () => {
  const { panel } = devtools
  const stranger = await newContext({ isAuthorised: false })
  await stranger.request.post('/api/slow-login')
  const cookie = await cookiesOf(stranger)
  await stranger.request.post('/api/logout', { maxRedirects: 0 })
  await panel.getByRole('option').filter({ hasText: 'Alan Turing' }).filter({ hasText: 'cleared' }).filter({ hasNotText: 'before the restart' }).first().waitFor()
  await restart(devtools)
  await panel.getByRole('option').filter({ hasText: 'cleared' }).filter({ hasText: 'before the restart' }).first().waitFor({ timeout: 60_000 })
  await panel.getByRole('tab', { name: 'Unseal' }).click()
  await panel.getByRole('textbox').fill(cookie)
  await panel.getByRole('button', { name: 'Unseal', exact: true }).click()
  await panel.getByRole('article').filter({ hasText: 'Alan Turing' }).getByText('It was cleared by POST /api/logout.').waitFor()
})

async function cookiesOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
}
