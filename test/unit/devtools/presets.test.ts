import { expect, it } from 'vitest'
import { checkPresets } from '../../../src/devtools/presets'

it('accepts presets of all options', () => {
  const presets = { admin: { userId: '1' }, guest: { name: 'cart', maxAge: 60, data: { n: 1 } }, empty: {} }
  expect(checkPresets(presets)).toBe(presets)
})

it('refuses session data outside of data, and says where it belongs', () => {
  expect(() => checkPresets({ admin: { role: 'admin' } as object })).toThrow('The preset "admin" has the unknown option "role". Its options are name, userId, maxAge and data: { admin: { userId: \'1\', data: { role: … } } }.')
})
