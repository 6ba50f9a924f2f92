import { expect, it } from 'vitest'
import { groupOptions, optionText } from '../src/lib/options'

it('shows an option as in the configuration, and times with their unit', () => {
  expect(optionText({ option: 'maxAge', value: '7200' })).toBe('7200 (2 h)')
  expect(optionText({ option: 'cookie.maxAge', value: '60' })).toBe('60 (1 min)')
  expect(optionText({ option: 'maxAge', value: '0' })).toBe('0')
  expect(optionText({ option: 'cookie.sameSite', value: '"lax"' })).toBe('"lax"')
  expect(optionText({ option: 'storage' })).toBe('unset')
})

it('separates the options that the app sets, also in a call, from the defaults', () => {
  const [caches, path, age] = [
    { option: 'caches', from: 'default' as const, value: 'true' },
    { option: 'cookie.path', from: 'config' as const, value: '"/shop"' },
    { option: 'maxAge', from: 'default' as const, calls: ['60'] },
  ]
  expect(groupOptions([caches, path, age])).toEqual({ set: [path, age], defaults: [caches] })
})
