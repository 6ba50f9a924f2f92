import { expect, it } from 'vitest'
import { assertSerializable } from '../../../src/runtime/core/model/serializable'
import { isDeeper, MAX_LEVELS } from '../../../src/runtime/server/devtools/depth'

/** An object with as many levels in all. */
function nested(levels: number): object {
  return JSON.parse(`{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`)
}

it('is the depth that a write refuses', () => {
  for (const levels of [2, MAX_LEVELS, MAX_LEVELS + 1, 20_000]) {
    const write = () => assertSerializable(nested(levels), 'data')
    if (levels > MAX_LEVELS) expect(write, String(levels)).toThrow('levels deep')
    else expect(write, String(levels)).not.toThrow()
    expect(isDeeper(nested(levels)), String(levels)).toBe(levels > MAX_LEVELS)
  }
  expect(isDeeper('text', 0)).toBe(false)
})
