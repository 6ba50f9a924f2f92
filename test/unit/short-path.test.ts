import { expect, it } from 'vitest'
import { shortPath } from '../../src/runtime/core/model/short-path'

it('leaves out the middle of a long path', () => {
  expect(shortPath('data.user.roles[0]')).toBe('data.user.roles[0]')
  expect(shortPath(`data${'.d'.repeat(400)}.name`)).toMatch(/^data(\.d){28}…d(\.d){12}\.name$/)
})
