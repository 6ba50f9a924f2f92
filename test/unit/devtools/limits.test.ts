import { expect, it } from 'vitest'
import { endOf } from '../../../src/runtime/server/devtools/limits'

it('gives the end of a session, and which limit that is', () => {
  const end = (session: object, config: object) => endOf({ createdAt: 1000, ...session }, { maxAge: undefined, idleTimeout: undefined, ...config })
  expect(end({}, {})).toEqual({})
  expect(end({}, { maxAge: 60 })).toEqual({ expiresAt: 61_000, limit: 'maxAge (60 s)' })
  expect(end({ lastSeenAt: 2000 }, { maxAge: 60, idleTimeout: 10 })).toEqual({ expiresAt: 12_000, limit: 'idleTimeout (10 s)' })
  expect(end({ lastSeenAt: 55_000 }, { maxAge: 60, idleTimeout: 10 })).toEqual({ expiresAt: 61_000, limit: 'maxAge (60 s)' })
  expect(end({ maxAge: 5 }, { maxAge: 60 })).toEqual({ expiresAt: 6000, limit: 'the maxAge that regenerate() gave it (5 s)' })
  expect(end({ idleTimeout: 5 }, { maxAge: 60, idleTimeout: 10 })).toEqual({ expiresAt: 6000, limit: 'the idleTimeout that regenerate() gave it (5 s)' })
  expect(end({}, { storage: 'kept' })).toMatchObject({ expiresAt: expect.any(Number), limit: undefined })
})
