import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { throttle } from '../../src/devtools/throttle'
import { moveByKey, scrollToRow, visibleRange } from '../src/lib/windowing'

describe('visibleRange', () => {
  const at = (scrollTop: number, count = 500) => visibleRange({ scrollTop, height: 560 }, 56, count, 2)

  it('contains the visible rows and a few around them', () => {
    expect(at(0)).toEqual({ start: 0, end: 13 })
    expect(at(5600)).toEqual({ start: 98, end: 113 })
    expect(at(500 * 56 - 560)).toEqual({ start: 487, end: 500 })
  })

  it('contains all rows of a short list, even if the box was scrolled further', () => {
    expect(at(0, 3)).toEqual({ start: 0, end: 3 })
    expect(at(9000, 3)).toEqual({ start: 0, end: 3 })
    expect(at(0, 0)).toEqual({ start: 0, end: 0 })
  })
})

it('scrolls only as far as a row needs', () => {
  const viewport = { scrollTop: 560, height: 560 }
  expect([9, 10, 19, 20].map(index => scrollToRow(viewport, 56, index))).toEqual([504, 560, 560, 616])
})

it('moves by key within the list', () => {
  expect(['ArrowDown', 'ArrowUp', 'PageDown', 'Home', 'End', 'a', 'toString'].map(key => moveByKey(key, 1, 20, 5))).toEqual([2, 0, 6, 0, 19, undefined, undefined])
  expect(moveByKey('ArrowUp', 0, 20, 5)).toBe(0)
  expect(moveByKey('ArrowDown', -1, 0, 5)).toBeUndefined()
})

describe('throttle', () => {
  it('runs once more for all calls during a run', async () => {
    let runs = 0
    let release = (): void => {}
    const run = throttle(() => {
      runs++
      return new Promise<void>((resolve) => { release = resolve })
    })
    const first = run()
    const later = [run(), run(), run()]
    expect(runs).toBe(1)
    release()
    await Promise.resolve()
    await Promise.resolve()
    expect(runs).toBe(2)
    release()
    await Promise.all([first, ...later])
    expect(runs).toBe(2)
  })

  it('starts the task at most once per interval', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let runs = 0
    const run = throttle(() => void runs++, () => 250)
    const started: number[] = []
    for (let time = 0; time < 1000; time += 50) {
      void run()
      started.push(runs)
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(started[0], 'the first call does not wait').toBe(1)
    expect(runs).toBe(5)
    await vi.advanceTimersByTimeAsync(1000)
    expect(runs, 'no call is lost, and there is no more than one run for the last calls').toBe(5)
  })

  it('runs again after a failure', async () => {
    let runs = 0
    const run = throttle(async () => { if (++runs === 1) throw new Error('away') })
    await expect(run()).rejects.toThrow('away')
    await run()
    expect(runs).toBe(2)
  })
})
