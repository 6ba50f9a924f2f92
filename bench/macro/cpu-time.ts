import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** Microseconds of CPU until now, of all threads of a process that still run; `undefined` if the system does not report it. */
export async function cpuTimeOf({ pid }: ChildProcess): Promise<number | undefined> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const times = await Promise.all(threads.map(async (thread) => {
    const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
    // Nanoseconds.
    return Number.parseInt(stat) / 1000
  }))
  return threads.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0)
}
