import { describe, expect, it } from 'vitest'
import { encodeRecord, encodeTombstone } from '../../../src/runtime/core/store/record'
import { hasWriteId, WriteIds } from '../../../src/runtime/core/store/write-ids'
import { FakeStoreEnvironment } from './support/fake-environment'

const env = new FakeStoreEnvironment()
const record = (writes: string) => encodeRecord(env.record({ createdAt: -5.5, data: { w: 'x' }, userId: 'ada' }), writes)
const tombstone = (write: string) => encodeTombstone({ reason: 'superseded', until: 12, successor: env.handle('b') }, write)
/** The writers of the ids in this order. */
const writersOf = (writes: string) => Array.from({ length: writes.length / 6 }, (_, at) => writes.slice(6 * at, 6 * at + 3))

describe('write ids', () => {
  it('are different at each write and in each process', () => {
    const [here, there] = [new WriteIds(0.25, 0.5), new WriteIds(0.75, 0.5)]
    const ids = [here.next(), here.next(), there.next(), there.next()].map(({ id }) => id)
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[\w-]{6}$/)
  })

  it('are different from an earlier one in the value if the count begins again', () => {
    const ids = new WriteIds(0.25, 0.5)
    const earlier = record(ids.next().writes)
    for (let write = 1; write < 2 ** 18; write++) ids.next()
    const { id, writes } = ids.next(earlier)
    expect(hasWriteId(earlier, id)).toBe(false)
    expect(writes).toBe(id)
  })

  it('are found in text and in parsed JSON, whole only', () => {
    for (const text of [record('aaaaaabbbbbb'), tombstone('bbbbbb')]) {
      for (const value of [text, JSON.parse(text)]) {
        expect(hasWriteId(value, 'bbbbbb')).toBe(true)
        for (const id of ['aaabbb', 'aabbbb', 'abbbbb', 'cccccc']) expect(hasWriteId(value, id)).toBe(false)
      }
    }
    expect(hasWriteId(record('aaaaaabbbbbb'), 'aaaaaa')).toBe(true)
    for (const other of [undefined, null, record(''), '', 'rubbish', 5, [], '{"w":5}', '{"v":1,"createdAt":5,"data":{"w":"aaaaaa"}}', '{"v":1,"w":"a.1;b.2;","createdAt":5,"data":{}}']) expect(hasWriteId(other, 'aaaaaa')).toBe(false)
  })

  it('keep the last write of each of the last eight writers, the newest first', () => {
    const writers = Array.from({ length: 10 }, (_, index) => new WriteIds(index / 10, 0.5))
    const names = writers.map(writer => writer.next().id.slice(0, 3))
    let { writes } = writers[0]!.next()
    const write = (index: number) => {
      const { id, writes: next } = writers[index]!.next(record(writes))
      expect(next.startsWith(id)).toBe(true)
      writes = next
      return writersOf(writes)
    }
    expect(write(0)).toEqual([names[0]])
    expect([1, 2, 1].map(write).at(-1)).toEqual([1, 2, 0].map(index => names[index]))
    expect([3, 4, 5, 6, 7, 8].map(write).at(-1)).toEqual([8, 7, 6, 5, 4, 3, 1, 2].map(index => names[index]))
    expect(write(9)).toEqual([9, 8, 7, 6, 5, 4, 3, 1].map(index => names[index]))
  })
})
