import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import type { TestApp } from '../../unit/support/app'
import { createApp } from './app-over'
import { counted } from './counted-driver'
import { createDriver } from './driver'
import type { DriverOptions } from './driver'
import { nodeEnvironment, nodeFiles } from './node-environment'
import { SCENARIOS } from './scenarios'
import type { ScenarioName } from './scenarios'

/** The task of a separate process, as JSON in its first argument. */
export type Task =
  | { do: 'increment', driver: DriverOptions, handle: string, times: number }
  | { do: 'die', driver: DriverOptions, scenario: ScenarioName, handles: string[], calls: number }
  | { do: 'draft', path: string }
  | { do: 'log in', driver: DriverOptions, limit: number, times: number, path: string }

const OPTIONS = { timeout: 20_000 }
// Only then do writes that wait for many others show whether these count as silence of the store.
const DEFAULT_OPTIONS = { timeout: 2000 }

await run(JSON.parse(process.argv[2]!) as Task)
process.exit(0)

async function run(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'increment': {
      const store = createSessionStore({ driver: createDriver(task.driver) }, nodeEnvironment, DEFAULT_OPTIONS)
      return Promise.all(Array.from({ length: task.times }, () => increment(store, task.handle)))
    }
    case 'die': {
      const environment = { ...nodeEnvironment }
      const dying = counted(createDriver(task.driver), environment, ({ number }) => {
        if (number === task.calls) die()
      })
      return SCENARIOS[task.scenario].run(createSessionStore({ driver: dying, prefix: '' }, environment, OPTIONS), task.handles)
    }
    case 'log in':
      return nodeFiles.replace(task.path, JSON.stringify(await logIn(createApp(createDriver(task.driver), { maxUserSessions: task.limit }), task.times)))
    // Between writing the draft and renaming it.
    case 'draft': {
      Object.assign(process.getBuiltinModule('node:fs/promises'), { rename: die })
      return nodeFiles.replace(task.path, 'half of a write')
    }
  }
}

/** What a process has done: the cookies of its visitors, and the sessions that its hooks were told. */
export interface Logins { cookies: string[], ended: (string | undefined)[] }

/** Visitors who log in at the same time as the same user. */
async function logIn(app: TestApp, times: number): Promise<Logins> {
  const ended: Logins['ended'] = []
  app.env.on('session:clear', (_session, { reason, handle }) => void (reason === 'maxUserSessions' && ended.push(handle)))
  const browsers = Array.from({ length: times }, () => app.browser())
  await Promise.all(browsers.map(async (browser) => {
    await browser.visit(async ({ use }) => (await use()).update({ cart: 1 }))
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
  }))
  return { cookies: browsers.map(browser => browser.jar.header(Date.now())), ended }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function increment(store: SessionStore, handle: string) {
  return store.update(handle, record => ({ ...record, data: { ...record.data, count: record.data.count + 1 } }))
}
