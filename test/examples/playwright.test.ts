// #region example
import { fileURLToPath } from 'node:url'
import { setup, url } from '@nuxt/test-utils/e2e'
import { createSessionCookie, readSessionCookie } from 'nuxt-h3-session/testing'
import { chromium } from 'playwright-core'
import { afterAll, expect, it } from 'vitest'
import { launchOptions } from './support/chromium'

const rootDir = fileURLToPath(new URL('../fixtures/testing', import.meta.url))
const options = { password: 'only-for-tests-32-characters-long', maxAge: 3600 }

await setup({ rootDir, env: { NUXT_SESSION_PASSWORD: options.password } })

const browser = await chromium.launch(launchOptions)
afterAll(() => browser.close())

it('greets a user who is logged in, and logs out', async () => {
  const cookie = await createSessionCookie({ name: 'Ada' }, { ...options, userId: 'ada' })
  const context = await browser.newContext({ storageState: cookie.storageState(url('/')) })
  const page = await context.newPage()
  await page.goto(url('/'))
  expect(await page.locator('h1').textContent()).toBe('Hello, Ada')

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByRole('button', { name: 'Log in' }).waitFor()
  expect(await readSessionCookie(await context.cookies(), options)).toBeUndefined()
})

it('gives a session to a page that is open', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url('/'))
  await page.getByRole('button', { name: 'Log in' }).waitFor()

  const cookie = await createSessionCookie({ name: 'Grace' }, { ...options, userId: 'grace' })
  await context.addCookies(cookie.browserCookies(page.url()))
  await page.reload()
  expect(await page.locator('h1').textContent()).toBe('Hello, Grace')
})

it('keeps what a login made', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url('/'))
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('Hello, Ada').waitFor()
  expect(await readSessionCookie(await context.storageState(), options)).toMatchObject({ userId: 'ada', data: { name: 'Ada' } })
})
// #endregion

it('a browser keeps a session that has ended, and the server rejects it', async () => {
  const cookie = await createSessionCookie({ name: 'Ada' }, { ...options, userId: 'ada', createdAt: Date.now() - 3600 * 1000 })
  const context = await browser.newContext({ storageState: cookie.storageState(url('/')) })
  expect(await context.cookies()).toMatchObject([{ name: 'h3', value: cookie.token }])
  const page = await context.newPage()
  await page.goto(url('/'))
  await page.getByRole('button', { name: 'Log in' }).waitFor()
})

it('a browser sends a session in chunks, and one that is Secure', async () => {
  const cookie = await createSessionCookie({ name: 'Ada', text: 'x'.repeat(4000) }, { ...options, userId: 'ada', cookie: { secure: true } })
  const context = await browser.newContext()
  await context.addCookies(cookie.browserCookies(url('/')))
  expect((await context.cookies()).map(({ name, secure }) => ({ name, secure }))).toEqual(['h3', 'h3.1', 'h3.2'].map(name => ({ name, secure: true })))
  const page = await context.newPage()
  await page.goto(url('/'))
  expect(await page.locator('h1').textContent()).toBe('Hello, Ada')
  expect(await readSessionCookie(await context.cookies(), options)).toMatchObject({ userId: 'ada' })
})
