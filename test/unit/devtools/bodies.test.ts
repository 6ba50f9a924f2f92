import { expect, it } from 'vitest'
import { Bodies, changedKeys } from '../../../src/devtools/bodies'

it('keeps the newest bodies within the limit', () => {
  const bodies = new Bodies(10)
  for (const id of ['a', 'b', 'c']) bodies.set(id, '1234')
  expect(['a', 'b', 'c'].map(id => bodies.get(id))).toEqual([undefined, '1234', '1234'])
  bodies.set('b', '12')
  bodies.set('d', '1234')
  expect(['b', 'c', 'd'].map(id => bodies.get(id))).toEqual(['12', '1234', '1234'])
  bodies.set('c', undefined)
  bodies.set('e', '1234')
  expect(['b', 'c', 'd', 'e'].map(id => bodies.get(id))).toEqual(['12', undefined, '1234', '1234'])
})

it('names the changed keys', () => {
  expect(changedKeys({ a: 1, b: { c: 1 }, d: 1 }, { a: 1, b: { c: 2 }, e: 1 })).toEqual(['~b', '−d', '+e'])
  expect(changedKeys(undefined, { a: 1 })).toEqual(['+a'])
  expect(changedKeys({ a: 1 })).toEqual(['−a'])
})
