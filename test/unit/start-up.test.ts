import { H3 } from 'h3-next'
import { expect, it, onTestFinished, vi } from 'vitest'
import { sessions } from '../../src/runtime/h3-app'
import { createDriver } from '../store/support/driver'
import type { DriverOptions } from '../store/support/driver'

const PASSWORD = 'test-only-password-of-a-start-up'
// No driver connects before its first query.
const PORT = 1

/** Starts a server, and returns its warnings. */
async function warningsOf(options: DriverOptions): Promise<string[]> {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  onTestFinished(() => void warn.mockRestore())
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  new H3().register(sessions({ password: PASSWORD, storage: createDriver(options) }))
  await vi.advanceTimersByTimeAsync(1)
  await vi.dynamicImportSettled()
  return warn.mock.calls.map(([message]) => String(message))
}

it.each(['postgresql', 'mysql'] as const)('the start warns of one connection to %s, and names the pool', async (driver) => {
  expect(await warningsOf({ driver, port: PORT })).toEqual([expect.stringMatching(/ has one connection .* createDatabase\(postgresqlPool\(pool\)\) or createDatabase\(mysqlPool\(pool\)\)/)])
})

it.each<DriverOptions>([
  { driver: 'postgresql-pool', port: PORT }, { driver: 'mysql-pool', port: PORT }, { driver: 'sqlite', path: ':memory:' },
])('the start does not warn of $driver', async (options) => {
  expect(await warningsOf(options)).toEqual([])
})
