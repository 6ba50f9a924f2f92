import { expect, it } from 'vitest'
import { refreshInterval } from '../src/lib/refresh-interval'

it('grows while changes go on', () => {
  expect([1, 2, 3, 4, 1000].map(runs => refreshInterval(5, runs))).toEqual([250, 500, 1000, 2000, 2000])
})

it('grows with the time that a fetch and its rendering take', () => {
  expect([0, 25, 40, 80, 5000].map(took => refreshInterval(took, 1))).toEqual([250, 250, 400, 800, 2000])
})
