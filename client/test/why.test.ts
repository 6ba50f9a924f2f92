import { expect, it } from 'vitest'
import type { InspectedRequest } from '../../src/devtools/protocol'
import { whyEnded } from '../src/lib/why'
import { request, session } from './session'

it('explains how a session ended, by which request, and what to do', () => {
  const because = (overrides: Parameters<typeof session>[0], ...requests: InspectedRequest[]) => whyEnded(session(overrides), requests)
  expect(because({})).toBeUndefined()
  expect(because({ isLost: true })?.text).toContain('does not send its cookie any more')
  expect(because({ ended: 'cleared' }, request([{ kind: 'load' }]), request([{ kind: 'clear', sources: ['server/api/logout.post.ts:3'] }], { path: '/api/logout' })))
    .toEqual({ text: 'It was cleared by POST /api/logout.', fix: 'If the visitor should stay logged in, do not call clear() there.', sources: ['server/api/logout.post.ts:3'] })
  expect(because({ ended: 'regenerated', next: 'b' }, request([{ kind: 'regenerate', key: 'b' }], { path: '/api/login' }))?.text).toBe('It got a new id by POST /api/login.')
  expect(because({ ended: 'revoked' }, request([{ kind: 'revoke', sources: ['server/api/ban.ts:4'] }], { method: '', path: '' })))
    .toMatchObject({ text: 'It was revoked by a call without a request.', sources: ['server/api/ban.ts:4'] })
  expect(because({ ended: 'expired' }, request([{ kind: 'reject', explanation: 'It expired at noon. Raise maxAge.' }])))
    .toEqual({ text: 'It expired at noon. Raise maxAge. Its last request was POST /.', fix: '', sources: [] })
  expect(because({ ended: 'gone' })).toMatchObject({ text: 'Its store has no record of it: the record was lost or removed.', fix: expect.stringContaining('memory') })
  expect(because({ ended: 'cleared' }, request([{ kind: 'clear', key: 'b' }]))?.text, 'another session\'s event').toBe('It was cleared.')
})
