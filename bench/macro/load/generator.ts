import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadJob, LoadResult } from './job.ts'

interface Waiting { resolve: (result: LoadResult) => void, reject: (error: Error) => void }

/** autocannon in a separate process; one job at a time. */
export class LoadGenerator {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('process.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // JSON has no NaN.
    serialization: 'advanced',
  })

  #waiting: Waiting | undefined

  constructor() {
    this.#child.on('message', result => this.#waiting?.resolve(result as LoadResult))
    this.#child.on('exit', () => this.#waiting?.reject(new Error('The load process ended.')))
  }

  get pid(): number {
    return this.#child.pid!
  }

  run(job: LoadJob): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#child.send(job)
    })
  }

  stop(): void {
    this.#child.kill()
  }
}
