import { createSessionStore } from '../../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../../src/runtime/core/store/store'
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

const OPTIONS = { timeout: 20_000 }

await run(JSON.parse(process.argv[2]!) as Task)
process.exit(0)

async function run(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'increment': {
      const store = createSessionStore({ driver: createDriver(task.driver) }, nodeEnvironment, OPTIONS)
      return Promise.all(Array.from({ length: task.times }, () => increment(store, task.handle)))
    }
    case 'die': {
      const environment = { ...nodeEnvironment }
      const dying = counted(createDriver(task.driver), environment, ({ number }) => {
        if (number === task.calls) die()
      })
      return SCENARIOS[task.scenario].run(createSessionStore({ driver: dying, prefix: '' }, environment, OPTIONS), task.handles)
    }
    // Between writing the draft and renaming it.
    case 'draft': {
      Object.assign(process.getBuiltinModule('node:fs/promises'), { rename: die })
      return nodeFiles.replace(task.path, 'half of a write')
    }
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function increment(store: SessionStore, handle: string) {
  return store.update(handle, record => ({ ...record, data: { ...record.data, count: record.data.count + 1 } }))
}
