import { describe, expect, it } from 'vitest'
import { TRANSPORTS, endedLabel, idLabel, searchSessions, sortSessions } from '../src/lib/sessions'
import { session } from './session'

describe('sortSessions', () => {
  it('puts this browser\'s sessions first, ended ones last, and the last used on top of each group', () => {
    const sorted = sortSessions([
      session({ id: 'old', lastUsedAt: 1 }),
      session({ id: 'ended', lastUsedAt: 9, ended: 'cleared' }),
      session({ id: 'new', lastUsedAt: 5 }),
      session({ id: 'own', isCurrent: true }),
    ])
    expect(sorted.map(({ id }) => id)).toEqual(['own', 'new', 'old', 'ended'])
  })
})

describe('searchSessions', () => {
  const ada = session({ id: 'abc-1', userId: '7', data: { user: { name: 'Ada' }, cart: [{ sku: 'NX-1' }] } })
  const grace = session({ id: undefined, handle: 'cafe', userAgent: 'Firefox', name: 'admin', data: { isBeta: true }, flash: { message: 'Hello' } })

  it.each([
    ['abc', [ada]], ['ADA', [ada]], ['sku', [ada]], ['nx-1', [ada]], ['isbeta', [grace]], ['true', [grace]], ['hello', [grace]],
    ['admin', [grace]], ['cafe', [grace]], ['firefox', [grace]], ['ada cart', [ada]], ['ada hello', []], ['  ', [ada, grace]],
  ])('finds by %j', (query, expected) => {
    expect(searchSessions([ada, grace], query)).toEqual(expected)
  })
})

it('labels a session with its handle if its id is not known', () => {
  expect(idLabel({ id: 'abcdefghij', handle: '0123456789' })).toBe('abcdefgh')
  expect(idLabel({ handle: '0123456789' })).toBe('#01234567')
})

it('does not label a session from its store as unused: it may have been used before the server started', () => {
  expect(TRANSPORTS.unknown).toEqual({ label: 'only in store', title: 'Listed from its store: no request has used it since the development server started' })
})

it('labels how a session ended', () => {
  expect((['cleared', 'gone'] as const).map(endedLabel)).toEqual(['cleared', 'missing in the store'])
})
