import { expect, it } from 'vitest'
import { FailedAttempts } from '../../src/runtime/core/device/failed-attempts'

const NOW = Date.UTC(2031, 0, 1)
const MINUTE = 60_000

const take = (attempts: FailedAttempts, budget: string, times: number, now = NOW) =>
  Array.from({ length: times }, () => attempts.take(budget, now)).filter(Boolean).length

it('each budget has sixty attempts of its own in a minute', () => {
  const attempts = new FailedAttempts()
  expect([take(attempts, 'one', 80), take(attempts, 'other', 40), take(attempts, 'one', 1), take(attempts, 'other', 30)]).toEqual([60, 40, 0, 20])
  expect(take(attempts, 'one', 80, NOW + MINUTE - 1)).toBe(0)
  expect(take(attempts, 'one', 80, NOW + MINUTE)).toBe(60)
})

it('what is left of the minute is the time to wait', () => {
  const attempts = new FailedAttempts()
  expect(attempts.waitFor('one', NOW)).toBe(0)
  take(attempts, 'one', 59)
  expect(attempts.waitFor('one', NOW)).toBe(0)
  take(attempts, 'one', 1, NOW + 100)
  expect([NOW + 100, NOW + 59_999, NOW + MINUTE].map(now => attempts.waitFor('one', now))).toEqual([60, 1, 0])
})

it('one that succeeds costs nothing', () => {
  const attempts = new FailedAttempts()
  for (let i = 0; i < 1000; i++) {
    expect(attempts.take('one', NOW)).toBe(true)
    attempts.giveBack('one')
  }
  expect(take(attempts, 'one', 80)).toBe(60)
  attempts.giveBack('unknown')
})

it('a clock that was set back does not make anybody wait longer', () => {
  const attempts = new FailedAttempts()
  take(attempts, 'one', 60)
  expect([attempts.waitFor('one', NOW - MINUTE), take(attempts, 'one', 80, NOW - MINUTE)]).toEqual([0, 60])
})

it('ten thousand others are remembered, and one that was forgotten begins anew', () => {
  const attempts = new FailedAttempts()
  take(attempts, 'first', 60)
  for (let i = 0; i < 9999; i++) take(attempts, `other ${i}`, 1)
  expect(take(attempts, 'first', 1)).toBe(0)
  for (let i = 0; i < 20_000; i++) take(attempts, `later ${i}`, 1)
  expect(take(attempts, 'first', 80)).toBe(60)
})
