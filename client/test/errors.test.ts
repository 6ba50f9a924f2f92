import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { messageOf } from '../src/lib/errors'

it('reads errors of another realm and any other thrown value', () => {
  const thrown = [new Error('a'), runInNewContext('new Error("b")'), 'c', undefined]
  expect(thrown.map(messageOf)).toEqual(['a', 'b', 'c', 'undefined'])
})
