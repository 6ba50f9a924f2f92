import { beforeAll, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { buildApp } from './support/build'
import { openSeal } from './support/seals'
import { testPassword, testServer } from './support/server'

const OLD = testPassword()
const NEW = testPassword()

beforeAll(() => buildApp('main'))

it('a JSON array of passwords rotates over restarts: the first seals, all unseal', async () => {
  const before = await testServer('main', { NUXT_SESSION_PASSWORD: OLD })
  const browser = new Browser(before)
  const { body: { id } } = await browser.request('/api/count')

  const during = await testServer('main', { NUXT_SESSION_PASSWORD: JSON.stringify([NEW, OLD]) })
  during.secrets.add(OLD).add(NEW)
  browser.server = during
  const read = await browser.request('/api/visit')
  expect(read.body).toEqual({ id, data: { count: 1 } })
  expect(await openSeal(read.setCookies[0]!.value, NEW)).toMatchObject({ id, data: { count: 1 } })
  expect((await browser.request('/api/visit')).setCookies, 'once').toEqual([])
  const written = await browser.request('/api/count')
  expect(written.body).toEqual({ id, count: 2 })
  expect(await openSeal(written.setCookies[0]!.value, NEW)).toMatchObject({ id, data: { count: 2 } })

  browser.server = await testServer('main', { NUXT_SESSION_PASSWORD: JSON.stringify([NEW]) })
  expect((await browser.request('/api/count')).body).toEqual({ id, count: 3 })
  expect(during.stderr).toBe('')
})

it('a password that was removed no longer opens its sessions', async () => {
  const browser = new Browser(await testServer('main', { NUXT_SESSION_PASSWORD: OLD }))
  await browser.request('/api/count')
  browser.server = await testServer('main', { NUXT_SESSION_PASSWORD: NEW })
  expect((await browser.request('/api/count')).body.count).toBe(1)
})
