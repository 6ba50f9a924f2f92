import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** The environment variables that a process needs, without those of the test runner. */
export function cleanEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, HOME, TMPDIR, NUXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', ...env }
}

/** Collects the output of a process. */
export function collectOutput(child: ChildProcess): { all: string, stderr: string } {
  const output = { all: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => { output.all += text })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    output.all += text
    output.stderr += text
  })
  return output
}

export interface RunResult { code: number | null, output: string, stderr: string }

/** Runs a process to its end, or ends it after `timeout` milliseconds. */
export async function run(
  file: string, args: string[], options: { env: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number, timeout: number },
): Promise<RunResult> {
  const { timeout, ...spawnOptions } = options
  const child = spawn(file, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = collectOutput(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(timer)
  return { code, output: output.all, stderr: output.stderr }
}

export function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Ends a process unless it has ended, and waits for that. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await end(child, () => child.kill(signal))
}

/** The same, with its children, if it was started as `detached`. */
export async function endGroup(child: ChildProcess): Promise<void> {
  await end(child, () => process.kill(-child.pid!, 'SIGKILL'))
}

async function end(child: ChildProcess, kill: () => void): Promise<void> {
  if (hasExited(child)) return
  const closed = once(child, 'close')
  kill()
  await closed
}
