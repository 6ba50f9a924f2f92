import { expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { DeviceKey, readRegistration } from '../support/device-key'
import { Visitor } from './support/visitor'

const server = suiteServer('docs-device-bound', { NUXT_SESSION_PASSWORD: testPassword() })

it('the list of devices and the payment of docs/device-bound.md tell bound sessions from others', async () => {
  const { visitor, answer } = await Visitor.loggedIn(server)
  const { visitor: other } = await Visitor.loggedIn(server)
  const listed = async () => (await other.request('/api/devices')).body.map(({ deviceBound, isThis }: Record<string, boolean>) => ({ deviceBound, isThis }))
  expect(await listed()).toEqual(expect.arrayContaining([{ deviceBound: false, isThis: true }, { deviceBound: false, isThis: false }]))
  expect(await visitor.post('/api/payment')).toMatchObject({ status: 401, body: { data: { code: 'SESSION_DEVICE_REQUIRED' } } })

  const { path, challenge } = readRegistration(answer.headers.get('secure-session-registration'))!
  const key = await DeviceKey.create()
  const registered = await visitor.post(path, {}, { 'secure-session-response': await key.registration(challenge) })
  expect(registered.status).toBe(200)
  expect(`${path} ${registered.body.refresh_url.split('?')[0]}`).toBe('/api/_session/device/register /api/_session/device/refresh')
  expect(await listed()).toEqual(expect.arrayContaining([{ deviceBound: false, isThis: true }, { deviceBound: true, isThis: false }]))
  expect(await visitor.post('/api/payment')).toMatchObject({ status: 200, body: { paidBy: '1' } })
  expect((await other.post('/api/payment')).status).toBe(401)
  // "A cookie of about 500 bytes".
  expect(visitor.jar.get('h3-device')!.length).toBeGreaterThan(400)
  expect(visitor.jar.get('h3-device')!.length).toBeLessThan(600)
})
