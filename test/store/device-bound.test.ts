import { afterAll, expect, it } from 'vitest'
import { DeviceKey } from '../support/device-key'
import type { TestApp } from '../unit/support/app'
import { ask, DeviceBrowser, steal } from '../unit/support/device'
import { createApp } from './support/app-over'
import type { DriverOptions } from './support/driver'
import { Opened } from './support/opened'
import { RedisServer } from './support/redis-server'
import { SqlServer } from './support/sql-server'

const ATTEMPTS = 8
const ONE_WINS = [200, ...Array.from({ length: ATTEMPTS - 1 }, () => 403)]

const opened = new Opened()
afterAll(() => opened.close())

const DRIVERS: Record<string, () => Promise<DriverOptions>> = {
  Redis: async () => ({ driver: 'redis', port: await opened.portOf(RedisServer.start()) }),
  PostgreSQL: async () => ({ driver: 'postgresql-pool', port: await opened.portOf(SqlServer.postgresql()) }),
  MariaDB: async () => ({ driver: 'mysql-pool', port: await opened.portOf(SqlServer.mariadb()) }),
}

it.each(Object.entries(DRIVERS))('%s: of registrations of one session on two servers at the same time one wins, and of replays of one token too', { timeout: 60_000 }, async (_name, createOptions) => {
  const options = await createOptions()
  const apps = [0, 1].map(() => createApp(opened.driver(options), { deviceBound: true })) as [TestApp, TestApp]
  const at = (index: number) => apps[index % 2]!
  const browser = await DeviceBrowser.create(apps[0])
  const { challenge } = (await browser.offer())!
  const { cookie } = browser

  const keys = await Promise.all(Array.from({ length: ATTEMPTS }, () => DeviceKey.create()))
  const registrations = await Promise.all(keys.map(async (key, index) =>
    ({ key, ...await ask(at(index), 'register', await key.registration(challenge), { cookie }) })))
  expect(registrations.map(({ status }) => status).toSorted()).toEqual(ONE_WINS)
  const { key, transport } = registrations.find(({ status }) => status === 200)!
  browser.key = key
  browser.jar.receive(transport.setCookies(), apps[0].env.time)
  expect(await browser.see()).toEqual({ userId: 'ada', deviceBound: true })
  const elsewhere = await steal(apps[1], browser.cookie)
  expect(await elsewhere.see(), 'on the other server').toEqual({ userId: 'ada', deviceBound: true })

  await browser.send('refresh', undefined)
  const token = await key.refresh(browser.challenge!)
  const replays = await Promise.all(Array.from({ length: ATTEMPTS }, (_attempt, index) => ask(at(index), 'refresh', token, { cookie })))
  expect(replays.map(({ status }) => status).toSorted()).toEqual(ONE_WINS)
})
