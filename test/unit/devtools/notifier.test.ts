import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Notifier } from '../../../src/devtools/notifier'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells at once of a first change, and of later ones at most four times a second', () => {
  const { told, pass, notifier } = setUp({ fetches: true })
  for (let time = 0; time < 1000; time += 10) {
    notifier.changed()
    pass(10)
  }
  expect(told()).toBe(5)
  pass(5000)
  expect(told()).toBe(5)
})

it('tells every two seconds while no panel fetches the changes', () => {
  const { told, pass, notifier } = setUp({ fetches: false })
  for (let time = 0; time < 6000; time += 10) {
    notifier.changed()
    pass(10)
  }
  expect(told()).toBe(4)
})

it('tells at once of what has changed since, when a panel fetches again', () => {
  const { told, pass, notifier } = setUp({ fetches: false })
  notifier.changed()
  pass(1000)
  notifier.changed()
  pass(500)
  expect(told()).toBe(1)
  notifier.fetched()
  pass(0)
  expect(told()).toBe(2)
})

it('tells nothing after it was closed', () => {
  const { told, pass, notifier } = setUp({ fetches: true })
  notifier.changed()
  notifier.close()
  pass(5000)
  expect(told()).toBe(0)
})

function setUp({ fetches }: { fetches: boolean }) {
  let count = 0
  const notifier: Notifier = new Notifier(() => {
    count++
    if (fetches) notifier.fetched()
  })
  return { notifier, told: () => count, pass: (milliseconds: number) => vi.advanceTimersByTime(milliseconds) }
}
