import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../../src/runtime/core/store/store'
import { counted } from './counted-driver'
import { createDriver } from './place'
import type { Place } from './place'
import { nodeEnvironment } from './node-environment'
import { SCENARIOS } from './scenarios'
import type { ScenarioName } from './scenarios'

/** What a process of its own is told to do, as JSON in its first argument. */
export type Task =
  | { do: 'increment', place: Place, handle: string, times: number }
  | { do: 'die', place: Place, scenario: ScenarioName, handles: string[], calls: number }

const task = JSON.parse(process.argv[2]!) as Task
const driver = createDriver(task.place)
const options = { timeout: 20_000 }

if (task.do === 'increment') {
  const store = createSessionStore({ driver }, nodeEnvironment, options)
  await Promise.all(Array.from({ length: task.times }, () => increment(store, task.handle)))
}
else {
  const environment = { ...nodeEnvironment }
  const dying = counted(driver, environment, ({ number }) => {
    if (number === task.calls) process.kill(process.pid, 'SIGKILL')
  })
  await SCENARIOS[task.scenario].run(createSessionStore({ driver: dying, prefix: '' }, environment, options), task.handles)
}
process.exit(0)

function increment(store: SessionStore, handle: string) {
  return store.update(handle, record => ({ ...record, data: { ...record.data, count: record.data.count + 1 } }))
}
