import { expect, it } from 'vitest'
import type { TimelineEvent } from '../../src/devtools/protocol'
import { whyEnded } from '../src/lib/why'
import { session } from './session'

it('explains how a session ended, and by which request', () => {
  const because = (overrides: Parameters<typeof session>[0], ...events: Partial<TimelineEvent>[]) => whyEnded(session({ key: 'a', ...overrides }), events.map(fields => event(fields)))
  expect(because({})).toBeUndefined()
  expect(because({ isLost: true })).toContain('does not send its cookie any more')
  expect(because({ ended: 'cleared' }, { kind: 'load' }, { kind: 'clear', path: '/api/logout', sources: ['server/api/logout.post.ts:3'] }))
    .toBe('It was cleared by POST /api/logout (server/api/logout.post.ts:3).')
  expect(because({ ended: 'regenerated', next: 'b' }, { kind: 'regenerate', key: 'b', path: '/api/login' })).toBe('It got a new id by POST /api/login.')
  expect(because({ ended: 'revoked' }, { kind: 'revoke', method: '', path: '', sources: ['server/api/ban.ts:4'] })).toBe('It was revoked by a call (server/api/ban.ts:4).')
  expect(because({ ended: 'expired' }, { kind: 'reject', explanation: 'It expired at noon.' })).toBe('It expired at noon. Its last request was POST /.')
  expect(because({ ended: 'gone' })).toBe('Its store has no record of it: the record was lost or removed.')
  expect(because({ ended: 'cleared' }, { kind: 'clear', key: 'b' }), 'another session\'s event').toBe('It was cleared.')
})

function event(fields: Partial<TimelineEvent>): TimelineEvent {
  return { seq: 1, at: 0, kind: 'clear', key: 'a', name: 'main', keeper: 'module', method: 'POST', path: '/', sources: [], changes: [], hasData: false, ...fields }
}
