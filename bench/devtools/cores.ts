import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const CORES = availableParallelism()

/** Whether the server can have a core of its own: on Linux, with two cores or more. */
export const HAS_OWN_CORE = CORES > 1 && hasTaskset()

/** The command that runs a server on its core. */
export function onOwnCore(command: string, args: readonly string[]): [command: string, args: readonly string[]] {
  return HAS_OWN_CORE ? ['taskset', ['--cpu-list', '0', command, ...args]] : [command, args]
}

/** Moves a process with all its threads to the other cores. */
export function leaveCore(pid: number): void {
  if (HAS_OWN_CORE) execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', `1-${CORES - 1}`, String(pid)], { stdio: 'ignore' })
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  }
  catch {
    return false
  }
}
