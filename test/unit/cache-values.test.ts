import { expect, it } from 'vitest'
import { clearingCache } from '../../src/runtime/adapters/shared/cache-values'

it.each<[current: string | undefined, line: string | undefined]>([
  [undefined, '"cache"'],
  ['', '"cache"'],
  ['"storage"', '"storage", "cache"'],
  ['"cache"', undefined],
  ['"storage","cache"', undefined],
  ['"*"', undefined],
  // Not a type of the header (W3C Clear Site Data, 3.1).
  ['cache', 'cache, "cache"'],
])('Clear-Site-Data %s becomes %s', (current, line) => {
  expect(clearingCache(current)).toBe(line)
})
