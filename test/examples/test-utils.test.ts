// #region example
import { fileURLToPath } from 'node:url'
import { fetch, setup } from '@nuxt/test-utils/e2e'
import { createClock, createSessionCookie, readSessionCookie } from 'nuxt-h3-session/testing'
import fsLite from 'unstorage/drivers/fs-lite'
import { expect, it } from 'vitest'

const rootDir = fileURLToPath(new URL('../fixtures/testing', import.meta.url))

// The options of the app: its password, and those of its nuxt.config.
const options = { password: 'only-for-tests-32-characters-long', maxAge: 3600 }

await setup({ rootDir, env: { NUXT_SESSION_PASSWORD: options.password } })

it('answers a user who is logged in', async () => {
  const { header } = await createSessionCookie({ name: 'Ada' }, { ...options, userId: 'ada' })
  const response = await fetch('/api/me', { headers: { cookie: header } })
  expect(await response.json()).toEqual({ userId: 'ada', name: 'Ada' })
})

it('logs a user in, and out', async () => {
  const login = await fetch('/api/login', { method: 'POST', body: new URLSearchParams({ name: 'Ada' }), redirect: 'manual' })
  expect(await readSessionCookie(login, options)).toMatchObject({ userId: 'ada', data: { name: 'Ada' } })

  const logout = await fetch('/api/logout', { method: 'POST', redirect: 'manual' })
  expect(await readSessionCookie(logout, options)).toBeNull()
})
// #endregion

// #region past
it('asks a user to log in again after an hour', async () => {
  const clock = createClock()
  clock.advance(-59 * 60 * 1000)
  const recent = await createSessionCookie({ name: 'Ada' }, { ...options, userId: 'ada', now: clock.now })
  expect((await fetch('/api/me', { headers: { cookie: recent.header } })).status).toBe(200)

  clock.advance(-60 * 1000)
  const old = await createSessionCookie({ name: 'Ada' }, { ...options, userId: 'ada', now: clock.now })
  expect((await fetch('/api/me', { headers: { cookie: old.header } })).status).toBe(401)
})

it('ages the session that a login made', async () => {
  const login = await fetch('/api/login', { method: 'POST', body: new URLSearchParams({ name: 'Ada' }), redirect: 'manual' })
  const session = await readSessionCookie(login, options)
  const createdAt = session!.createdAt - 3600 * 1000
  const old = await createSessionCookie(session!.data, { ...options, userId: session!.userId, createdAt })
  expect((await fetch('/api/me', { headers: { cookie: old.header } })).status).toBe(401)
})
// #endregion

// #region store
it('answers a user whose session is in a store', async () => {
  // As the app mounts it: nitro: { storage: { kept: { driver: 'fs-lite', base } } }
  const storage = { driver: fsLite({ base: `${rootDir}/.data/kept` }) }
  const { header } = await createSessionCookie({ name: 'Ada' }, { ...options, name: 'kept', userId: 'ada', storage })
  const response = await fetch('/api/kept/me', { headers: { cookie: header } })
  expect(await response.json()).toEqual({ userId: 'ada', name: 'Ada' })
})
// #endregion
