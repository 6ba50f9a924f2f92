import { expect, it } from 'vitest'
import { lazily, loadOnce } from '../../src/runtime/core/utils/lazily'

it('code is loaded at the first call, and is there at once from then on', async () => {
  let loads = 0
  const load = loadOnce(async () => ++loads)
  expect(loads).toBe(0)
  expect(await load()).toBe(1)
  expect(load()).toBe(1)
})

it('parallel first calls share one load', async () => {
  let loads = 0
  const load = loadOnce(async () => ++loads)
  expect(await Promise.all([load(), load()])).toEqual([1, 1])
})

it('a load that failed is tried again', async () => {
  const results = [Promise.reject(new Error('no file')), Promise.resolve(async (name: string) => `Hello ${name}`)]
  const greet = lazily(() => results.shift()!)
  await expect(greet('Ada')).rejects.toThrow('no file')
  expect([await greet('Ada'), await greet('Grace')]).toEqual(['Hello Ada', 'Hello Grace'])
})
