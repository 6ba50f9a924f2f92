import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WorkerReport } from '../../../src/runtime/server/devtools/messages'
import { ReportQueue } from '../../../src/runtime/server/devtools/report-queue'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const report = (request: string): WorkerReport => ({ type: 'sent', request, at: 1, status: 200, duration: 1 })

it('sends the reports of a moment together, in order', () => {
  const { queue, sent } = setUp()
  queue.add(report('a'))
  vi.advanceTimersByTime(49)
  queue.add(report('b'))
  expect(sent).toEqual([])
  vi.advanceTimersByTime(1)
  expect(sent).toEqual([['a', 'b']])
  queue.add(report('c'))
  vi.advanceTimersByTime(50)
  expect(sent).toEqual([['a', 'b'], ['c']])
})

it('sends at once what waits, and nothing twice', () => {
  const { queue, sent } = setUp()
  queue.flush()
  queue.add(report('a'))
  queue.flush()
  vi.advanceTimersByTime(100)
  expect(sent).toEqual([['a']])
})

function setUp() {
  const sent: string[][] = []
  return { sent, queue: new ReportQueue(reports => sent.push(reports.map(each => (each as { request: string }).request))) }
}
