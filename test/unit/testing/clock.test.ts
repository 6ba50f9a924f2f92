import { expect, it } from 'vitest'
import { createClock } from '../../../src/testing'

it('only moves by advance, forward or back', () => {
  const clock = createClock(1000)
  const { now } = clock
  expect(now()).toBe(1000)
  clock.advance(500)
  expect(now()).toBe(1500)
  clock.advance(-1500)
  expect(now()).toBe(0)
})

it('starts at the current time', () => {
  const before = Date.now()
  const time = createClock().now()
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(Date.now())
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, '7', undefined, null, new Date()])('throws for %s', (value) => {
  const clock = createClock(7)
  expect(() => clock.advance(value as number)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
  expect(clock.now()).toBe(7)
  if (value !== undefined) expect(() => createClock(value as number)).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
})
