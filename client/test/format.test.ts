import { describe, expect, it } from 'vitest'
import { formatAgo, formatBytes, formatClock, formatCountdown, formatDate, formatDuration, formatExpiry, localTimes, plural, shortId } from '../src/lib/format'

const NOW = Date.UTC(2026, 0, 2, 12)

describe('times', () => {
  it.each([
    [0, '0 s'], [999, '0 s'], [12_400, '12 s'], [60_000, '1 min'], [61_000, '1 min 1 s'],
    [7_140_000, '1 h 59 min'], [7_200_000, '2 h'], [90_000_000, '1 d 1 h'], [-5, '0 s'],
  ])('formats %i ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  it('shows a past time in one unit', () => {
    expect([200, 5000, 125_000, 7_300_000].map(age => formatAgo(NOW - age, NOW))).toEqual(['now', '5 s ago', '2 min ago', '2 h ago'])
  })

  it('counts down to an expiry and up after it', () => {
    expect(formatCountdown(NOW + 90_000, NOW)).toBe('1 min 30 s')
    expect(formatCountdown(NOW - 5000, NOW)).toBe('expired 5 s ago')
    expect(formatCountdown(undefined, NOW)).toBe('never expires')
    expect(formatExpiry(NOW + 90_000, NOW)).toBe('in 1 min 30 s')
    expect(formatExpiry(NOW, NOW)).toBe('expired now')
    expect(formatExpiry(undefined, NOW)).toBe('never')
  })

  it('shows the clock to the millisecond', () => {
    expect(formatClock(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toMatch(/^0?3:04:05[.,]006/)
  })
})

it('shows sizes, ids and counts', () => {
  expect([412, 1023, 1024, 4096, 1_048_524, 1_048_576, 4_999_680].map(formatBytes)).toEqual(['412 B', '1023 B', '1.0 KB', '4.0 KB', '1023.9 KB', '1.0 MB', '4.8 MB'])
  expect(formatBytes(1_048_570), 'rounded up').toBe('1.0 MB')
  expect(shortId('9e3779b1-9e37')).toBe('9e3779b1')
  expect([plural(1, 'key'), plural(2, 'key')]).toEqual(['1 key', '2 keys'])
})

it('shows the times of a sentence of the server as all others', () => {
  expect(localTimes('It ended at 1970-01-01T00:00:09.000Z. Raise it.')).toBe(`It ended at ${formatDate(9000)}. Raise it.`)
  expect(localTimes('2026-99-99')).toBe('2026-99-99')
})
