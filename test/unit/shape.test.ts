import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { isSession, rejectReasonOf } from '../../src/runtime/core/model/shape'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { PASSWORD } from './support/app'

const OF_H3 = { id: 'id', createdAt: 1, data: {} }

describe('isSession', () => {
  it.each<[what: string, payload: object]>([
    ['as h3 seals it', OF_H3],
    ['with all our keys', { ...OF_H3, name: 'h3', lastSeenAt: 1, userId: 'ada', authenticatedAt: 1, maxAge: 60, flash: { a: 1 } }],
    ['with an idle timeout of its own', { ...OF_H3, idleTimeout: 60 }],
    ['without an idle timeout', { ...OF_H3, idleTimeout: false }],
    ['with keys of a later version', { ...OF_H3, later: true }],
  ])('takes a payload %s', (_, payload) => {
    expect(isSession(payload)).toBe(true)
  })

  it.each([
    null, undefined, 'text', 5, [], {},
    { ...OF_H3, id: '' }, { ...OF_H3, id: 5 }, { ...OF_H3, id: undefined },
    { ...OF_H3, createdAt: '1' }, { ...OF_H3, createdAt: null }, { ...OF_H3, createdAt: Number.NaN },
    { ...OF_H3, data: null }, { ...OF_H3, data: [] }, { ...OF_H3, data: 'text' },
    { ...OF_H3, name: 5 }, { ...OF_H3, lastSeenAt: '1' }, { ...OF_H3, userId: 5 }, { ...OF_H3, userId: {} },
    { ...OF_H3, authenticatedAt: null }, { ...OF_H3, maxAge: '60' }, { ...OF_H3, maxAge: 0 }, { ...OF_H3, maxAge: -1 },
    { ...OF_H3, idleTimeout: '60' }, { ...OF_H3, idleTimeout: 0 }, { ...OF_H3, idleTimeout: true }, { ...OF_H3, idleTimeout: null },
    { ...OF_H3, flash: [] }, { ...OF_H3, flash: 'text' },
  ])('takes no %j', (payload) => {
    expect(isSession(payload)).toBe(false)
  })
})

it.each<[session: object, config: SessionConfig, now: number, reason: string | undefined]>([
  [{}, {}, 2, undefined],
  [{}, { acceptUnnamed: false }, 2, 'foreign'],
  [{ name: 'h3' }, { acceptUnnamed: false }, 2, undefined],
  [{ name: 'H3' }, {}, 2, 'foreign'],
  [{ name: 'h3' }, { name: 'cart' }, 2, 'foreign'],
  [{}, { maxAge: 1 }, 1001, 'expired'],
  [{}, { idleTimeout: 1 }, 1001, 'idle'],
  [{ name: 'other' }, { maxAge: 1 }, 1001, 'foreign'],
])('rejectReasonOf %j with %j at %i: %o', (session, config, now, reason) => {
  expect(rejectReasonOf({ ...OF_H3, ...session }, resolveConfig({ password: PASSWORD, ...config }, undefined), now)).toBe(reason)
})
