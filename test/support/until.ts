import { setTimeout as delay } from 'node:timers/promises'

/** Repeats `isTrue` until it is true. `watch` may throw to give up. */
export async function until(isTrue: () => boolean | Promise<boolean>, watch?: () => void, timeout = 60_000): Promise<void> {
  const end = Date.now() + timeout
  while (!await isTrue()) {
    watch?.()
    if (Date.now() > end) throw new Error(`Waited ${timeout} ms in vain.`)
    await delay(25)
  }
}
