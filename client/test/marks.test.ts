import { expect, it } from 'vitest'
import { markOf } from '../src/lib/marks'
import { session } from './session'

const by = { at: 1, method: 'POST', path: '/login' }

it('marks a session by the most telling of its facts', () => {
  const label = (overrides: Parameters<typeof session>[0]) => markOf(session(overrides), 0)?.label
  const overrides: Parameters<typeof session>[0] = { unreturned: 'GET /' }
  expect(label(overrides)).toBe('never came back')
  expect(label(Object.assign(overrides, { undelivered: by }))).toBe('did not arrive')
  expect(label(Object.assign(overrides, { cleared: by }))).toBe('used after clear()')
  expect(label(Object.assign(overrides, { cleared: { ...by, undoneBy: by } }))).toBe('clear() overwritten')
  expect(label(Object.assign(overrides, { isLost: true }))).toBe('cookie lost')
  expect(label(Object.assign(overrides, { overwritten: { ...by, kind: 'other session' } }))).toBe('overwritten')
  expect(markOf(session(Object.assign(overrides, { isReplaced: true })), 0)).toMatchObject({ label: 'replaced by DevTools', isAlarm: false })
  expect(label(Object.assign(overrides, { rejected: by }))).toBe('rejected')
  expect(label(Object.assign(overrides, { ended: 'gone' }))).toBe('missing in the store')
})

it('has no mark for a session that is in use', () => {
  expect(markOf(session({}), 0)).toBeUndefined()
})

it('tells a removed cookie from a replaced one', () => {
  expect(markOf(session({ overwritten: { ...by, kind: 'removal' } }), 0)?.title).toContain('removed')
  expect(markOf(session({ overwritten: { ...by, kind: 'other session' } }), 0)?.title).toContain('replaced')
  expect(markOf(session({ overwritten: { ...by, kind: 'app' } }), 0)).toMatchObject({ label: 'cookie removed', title: expect.stringMatching(/^The app itself/) })
})

it('does not mark the cookie of a session that has expired itself since', () => {
  const attributes = { httpOnly: true, secure: false, partitioned: false, expires: 1000 }
  const both = session({ expiresAt: 9000, cookie: { attributes, comesBack: 'always', problems: [] } })
  expect(markOf(both, 8999)?.label).toBe('cookie expired')
  expect(markOf(both, 9000)).toBeUndefined()
})
