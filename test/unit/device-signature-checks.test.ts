import { expect, it } from 'vitest'
import { SignatureChecks } from '../../src/runtime/core/device/signature-checks'

const take = (checks: SignatureChecks, challenge: string, times: number) => Array.from({ length: times }, () => checks.take(challenge)).filter(Boolean).length

it('each challenge has eight checks of its own', () => {
  const checks = new SignatureChecks()
  expect([take(checks, 'one', 20), take(checks, 'other', 7), take(checks, 'one', 1), take(checks, 'other', 2)]).toEqual([8, 7, 0, 1])
})

it('a challenge is forgotten after a thousand others, which are as many checks', () => {
  const checks = new SignatureChecks()
  take(checks, 'first', 8)
  for (let i = 0; i < 999; i++) take(checks, `other ${i}`, 1)
  expect(take(checks, 'first', 1)).toBe(0)
  for (let i = 0; i < 2000; i++) take(checks, `later ${i}`, 1)
  expect(take(checks, 'first', 1)).toBe(1)
})
