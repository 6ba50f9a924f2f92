import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/runtime/core/config/resolve'
import { KnownOptions } from '../../../src/runtime/server/devtools/known-options'
import { adoptEnvironment } from '../../../src/runtime/server/environment'
import type { ServerEnvironment } from '../../../src/runtime/server/environment'
import { PASSWORD } from '../support/app'

beforeEach(() => adoptEnvironment({ host: { sessionConfig: () => ({ name: 'main' }) } } as unknown as ServerEnvironment))
afterEach(() => adoptEnvironment(undefined as never))

const callOf = (name: string) => ({ config: resolveConfig({ name, password: PASSWORD }, undefined, { needsPassword: false }), siblings: { names: [], resolve: () => expect.unreachable() } })

it('has the names of calls, but not one that only denied requests have', () => {
  const known = new KnownOptions()
  known.see(callOf('cart'), 'create')
  known.see(callOf('cart'), 'deny')
  known.see(callOf('read'), 'absent')
  known.see(callOf('misspelled'), 'absent')
  known.see(callOf('misspelled'), 'deny')
  expect(known.names).toEqual(['main', 'cart', 'read'])
})
