import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { attempt, dismiss, notice, notify } from '../src/state/notices'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  dismiss()
  vi.useRealTimers()
})

async function fail(of: string): Promise<void> {
  await attempt(of, async () => { throw new Error(`${of} failed`) })
}

it('an error stays, until a later notice replaces it', async () => {
  await fail('unseal')
  vi.advanceTimersByTime(60_000)
  expect(notice.value).toMatchObject({ text: 'unseal failed', isError: true })
  notify('Copied.')
  expect(notice.value).toMatchObject({ text: 'Copied.', isError: false })
  vi.advanceTimersByTime(5000)
  expect(notice.value).toBeUndefined()
})

it('an error is gone when the same task succeeds, not when another one does', async () => {
  await fail('unseal')
  await attempt('export', () => undefined)
  expect(notice.value?.text).toBe('unseal failed')
  await attempt('unseal', async () => undefined)
  expect(notice.value).toBeUndefined()
})

it('a notice of success stays when its task ends', async () => {
  await attempt('copy', () => notify('Copied.'))
  expect(notice.value?.text).toBe('Copied.')
})
