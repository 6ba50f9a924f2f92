import { expect, it } from 'vitest'
import { DeviceKey, readRegistration } from '../support/device-key'
import { suitePanel } from './support/chromium'

// Without TLS, no browser registers a key, so the test does.
const devtools = suitePanel({ NUXT_SESSION_STORAGE: 'kept', NUXT_SESSION_DEVICE_BOUND: 'true' })

it('a bound session is marked, and its requests say who registered, was refused, and did not prove the key', async () => {
  const { panel, context } = devtools
  const { request } = context
  const login = await request.post('/api/login', { data: {}, maxRedirects: 0 })
  const { path, challenge } = readRegistration(login.headers()['secure-session-registration'])!
  const [key, other] = [await DeviceKey.create(), await DeviceKey.create()]
  const register = async (key: DeviceKey) => (await request.post(path, { headers: { 'secure-session-response': await key.registration(challenge) } })).status()
  expect([await register(key), await register(other)]).toEqual([200, 403])

  const row = panel.getByRole('option').filter({ hasText: 'this browser' })
  await row.filter({ hasText: 'device bound' }).click()
  await panel.getByRole('button', { name: 'Details' }).click()
  await panel.getByText('bound to the key of its browser').waitFor()

  await context.clearCookies({ name: 'h3-device' })
  await request.get('/api/session')
  await request.get('/api/session', { headers: { 'secure-session-skipped': 'quota_exceeded;session_identifier="h3"' } })
  await panel.getByRole('tab', { name: /^Requests/ }).click()
  const item = (text: string) => panel.getByRole('listitem').filter({ hasText: text })
  await item('/device/register').filter({ hasText: 'register' }).first().waitFor()
  await item('/device/register').filter({ hasText: 'deny' }).filter({ hasText: 'was used before' }).waitFor()
  await item('unproven').filter({ hasText: 'There is no cookie "h3-device"' }).waitFor()
  await item('unproven').filter({ hasText: 'Raise deviceBound.lifetime' }).waitFor()
})
