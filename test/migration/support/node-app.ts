import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { ROOT } from '../../e2e/support/build'
import { cleanEnvironment, collectOutput, endProcess, hasExited } from '../../support/process'
import { canConnect, freePort } from '../../support/ports'
import { until } from '../../support/until'

/** Resolves `h3` to h3 2, which is installed as `h3-next` beside h3 1. */
export const WITH_H3_2 = ['--import', join(ROOT, 'test/migration/support/with-h3-2.mjs')]

/** An app of the fixtures that is one file for Node. */
class NodeApp {
  url = ''
  #child: ChildProcess | undefined

  constructor(readonly file: string, readonly env: Record<string, string>, readonly nodeOptions: string[] = []) {}

  async start(): Promise<void> {
    const port = await freePort()
    const child = spawn(process.execPath, [...this.nodeOptions, join(ROOT, 'test/fixtures/migration', this.file)], {
      env: cleanEnvironment({ NODE_ENV: 'production', PORT: String(port), ...this.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = collectOutput(child)
    this.url = `http://127.0.0.1:${port}`
    this.#child = child
    await until(() => canConnect(port), () => {
      if (hasExited(child)) throw new Error(`The app ended at start-up:\n${output.all}`)
    })
  }

  async stop(): Promise<void> {
    if (this.#child) await endProcess(this.#child)
  }
}

/** An app for all tests of a file. */
export function suiteNodeApp(...args: ConstructorParameters<typeof NodeApp>): NodeApp {
  const app = new NodeApp(...args)
  beforeAll(() => app.start())
  afterAll(() => app.stop())
  return app
}
