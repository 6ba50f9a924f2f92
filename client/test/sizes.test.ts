import { describe, expect, it } from 'vitest'
import { formatBytes } from '../src/lib/format'
import { largestKeys, shareSentence, sizeRows } from '../src/lib/sizes'
import { session } from './session'

const LIMITS = { cookieBytes: 4096, sealLength: 16_384, cookies: { main: { maxBytes: 8000, chunkMaxLength: 4000 } }, requests: 500, sessions: 1000, stored: 100 }

describe('the sizes of a session\'s keys', () => {
  it('are those in the cookie, with the share of the limit, and add up to the cookie', () => {
    // {"note":"…"} without its braces, comma included: 3000 + 10 bytes, as base64url 4013.
    const rows = sizeRows(session({ bytes: 4800 }), { data: { n: 1, note: 'x'.repeat(3000) }, flash: { ok: true } }, LIMITS)
    expect(rows.map(({ label, bytes, isKey }) => [label, bytes, isKey])).toEqual([
      ['note', 4013, true], ['n', 8, true], ['Flash data', 13, false], ['Other fields, and the seal', 766, false],
    ])
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(4800)
    expect(rows[0]!.share).toBeCloseTo(4013 / 8000)
  })

  it('count bytes, not characters, and leave out what JSON leaves out', () => {
    expect(sizeRows(session({ bytes: 0 }), { data: { a: 'é', none: undefined } as never }, LIMITS)).toEqual([{ label: 'a', bytes: 12, share: 12 / 8000, isKey: true }])
  })

  it('are those in the record of a stored session, with the share of the record', () => {
    const rows = sizeRows(session({ storage: 'kept', recordBytes: 100, bytes: 300 }), { data: { a: 'x'.repeat(42) } }, LIMITS)
    expect(rows).toEqual([{ label: 'a', bytes: 49, share: 0.49, isKey: true }, { label: 'Other fields of the record', bytes: 51, share: 0.51, isKey: false }])
  })

  it('come from the server if the data is too large to show', () => {
    const large = session({ isCut: true, storage: 'kept', recordBytes: 300_000, sizes: [{ key: 'results', bytes: 299_900 }] })
    expect(sizeRows(large, undefined, LIMITS).map(({ label, bytes }) => [label, bytes])).toEqual([['results', 299_900], ['Other fields of the record', 100]])
  })
})

it('gives the largest keys of a write that was too large as the cookies would have had them, like the limit', () => {
  const [row] = sizeRows(session({ bytes: 4800 }), { data: { note: 'x'.repeat(3000) } }, LIMITS)
  expect(largestKeys([{ key: 'note', bytes: 3010 }])).toBe(`note ${formatBytes(row!.bytes)}`)
  const sizes = Array.from({ length: 12 }, (_, index) => ({ key: `k${index}`, bytes: 300 }))
  expect(largestKeys(sizes)).toMatch(/^k0 400 B, k1 400 B, .*k9 400 B$/)
})

it('names the rest of a session with more keys than are listed', () => {
  const data = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`key${index}`, 'x'.repeat(40)]))
  expect(sizeRows(session({ storage: 'kept', recordBytes: 6000 }), { data }, LIMITS).at(-1)!.label).toBe('Other keys, other fields of the record')
})

it('tells of what the shares are', () => {
  expect(shareSentence(session(), LIMITS)).toBe('Shares are of the limit.')
  expect(shareSentence(session({ storage: 'kept' }), LIMITS)).toBe('Shares are of the session\'s size.')
})
