import { describe, expect, it } from 'vitest'
import { addWriteId, hasWriteId, WriteIds } from '../../../src/runtime/core/store/write-ids'

const value = (w?: string) => JSON.stringify({ v: 1, w })

describe('write ids', () => {
  it('are different at each write and in each process', () => {
    const [here, there] = [new WriteIds('aa'), new WriteIds('bb')]
    const ids = [here.next(), here.next(), there.next(), there.next()]
    expect(new Set(ids).size).toBe(4)
  })

  it('are found in text and in parsed JSON, whole only', () => {
    expect(hasWriteId(value('a.1;b.2;'), 'b.2;')).toBe(true)
    expect(hasWriteId(JSON.parse(value('a.1;b.2;')), 'a.1;')).toBe(true)
    expect(hasWriteId(value('a.11;'), 'a.1;')).toBe(false)
    for (const other of [undefined, null, value(), '', 'rubbish', 5, [], '{"w":5}', JSON.stringify({ data: 'a.1;' })]) expect(hasWriteId(other, 'a.1;')).toBe(false)
  })

  it('keep the last write of each of the last eight writers, the newest first', () => {
    expect(addWriteId('a.1;', undefined)).toBe('a.1;')
    expect(addWriteId('a.2;', value('a.1;'))).toBe('a.2;')
    expect(addWriteId('a.3;', value('b.9;a.2;c.1;'))).toBe('a.3;b.9;c.1;')
    expect(addWriteId('z.1;', value('1.1;2.1;3.1;4.1;5.1;6.1;7.1;8.1;'))).toBe('z.1;1.1;2.1;3.1;4.1;5.1;6.1;7.1;')
  })
})
