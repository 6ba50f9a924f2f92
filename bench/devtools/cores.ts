import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/** The cores that this process may use, as Linux lists them: `0-1,4`. */
const [first, ...others] = allowedCores()

/** Whether the server can have a core of its own: on Linux, with two cores or more. */
export const HAS_OWN_CORE = others.length > 0

/** The command that runs a server on its core. */
export function onOwnCore(command: string, args: readonly string[]): [command: string, args: readonly string[]] {
  return HAS_OWN_CORE ? ['taskset', ['--cpu-list', String(first), command, ...args]] : [command, args]
}

/** Moves a process with all its threads to the other cores. */
export function leaveCore(pid: number): void {
  if (HAS_OWN_CORE) execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', others.join(','), String(pid)], { stdio: 'ignore' })
}

/** Lets a process run only on the other cores, and where possible only while nothing else wants to: even at the lowest priority, it would keep its turn for some milliseconds. */
export function yieldCores(pid: number): void {
  leaveCore(pid)
  if (HAS_OWN_CORE) execFileSync('chrt', ['--idle', '--all-tasks', '--pid', '0', String(pid)], { stdio: 'ignore' })
  else setPriority(pid, constants.priority.PRIORITY_LOW)
}

function allowedCores(): number[] {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return list.split(',').flatMap((range) => {
      const [low = 0, high = low] = range.split('-').map(Number)
      return Array.from({ length: high - low + 1 }, (_, index) => low + index)
    })
  }
  catch {
    return []
  }
}
