import { describe, expect, it } from 'vitest'
import type { Action } from '../src/lib/permissions'
import { currentSession, disabledReason, restoreDisabledReason } from '../src/lib/permissions'
import type { PanelSession } from '../src/lib/state'
import { response } from './response'
import { session } from './session'

const server = { names: ['main'], sessions: [session({ isCurrent: true })], limits: response({}).limits }
const ACTIONS: Action[] = ['edit', 'regenerate', 'expire', 'clear']

describe('disabledReason', () => {
  it('allows everything on this browser\'s session', () => {
    for (const action of ACTIONS) expect(disabledReason(action, session({ isCurrent: true }), server)).toBeUndefined()
  })

  it.each<[string, Partial<PanelSession>, string]>([
    ['this browser does not send', {}, 'This browser does not send its cookie to DevTools.'],
    ['this browser has lost', { isLost: true }, 'This browser does not send its cookie any more'],
    ['has a cookie of a part of the app', { cookie: { attributes: { path: '/shop', httpOnly: true, secure: true, partitioned: false }, comesBack: 'sometimes', problems: [] } }, 'only to paths below /shop'],
    ['is sent in a header', { transport: 'header' }, 'sent in a header'],
    ['was not sent', { transport: 'none' }, 'no browser has it'],
  ])('explains why a cookie session that %s cannot be changed, and claims no other browser', (_, facts, reason) => {
    for (const action of ACTIONS) {
      expect(disabledReason(action, session(facts), server)).toContain(reason)
      expect(disabledReason(action, session(facts), server)).not.toMatch(/another|other browser/)
    }
  })

  it('explains that a session of before the restart has no next request if it has ended', () => {
    expect(disabledReason('edit', session({ origin: 'earlier', ended: 'gone' }), server)).toBe('This session has ended. Create a new session with its data instead.')
  })

  it('explains that a session whose token the restarted server rejects has no next request', () => {
    const rejected = { at: 1, method: 'GET', path: '/' }
    expect(disabledReason('edit', session({ origin: 'earlier', rejected }), server)).toContain('The app rejects the token')
    expect(disabledReason('edit', session({ storage: 'session', rejected }), server), 'its record can be changed').toBeUndefined()
  })

  it('allows actions on a stored session that need no response to its browser', () => {
    const stored = session({ storage: 'session' })
    expect(ACTIONS.map(action => disabledReason(action, stored, server) === undefined)).toEqual([true, false, true, false])
    expect(disabledReason('clear', stored, server)).toContain('Revoke')
  })

  it('revokes stored sessions of any browser and any name, and no others', () => {
    for (const isCurrent of [true, false]) {
      expect(disabledReason('revoke', session({ isCurrent, storage: 'session', name: 'by-call' }), server)).toBeUndefined()
      expect(disabledReason('revoke', session({ isCurrent }), server)).toContain('Keep sessions in a store')
    }
    expect(disabledReason('revoke', session({ storage: 'session', ended: 'revoked' }), server)).toContain('ended')
  })

  it('does not allow editing data that is too large to show', () => {
    expect(disabledReason('edit', session({ isCurrent: true, storage: 'session', isCut: true }), server)).toContain('too large')
    expect(disabledReason('expire', session({ isCurrent: true, storage: 'session', isCut: true }), server)).toBeUndefined()
  })

  it('does not allow editing ended sessions, nor sessions of h3\'s own useSession', () => {
    expect(disabledReason('edit', session({ isCurrent: true, ended: 'cleared' }), server)).toContain('ended')
    expect(disabledReason('edit', session({ isCurrent: true, name: 'auth', keeper: 'h3' }), server)).toContain('h3')
  })

  it('waits for the options of a session of this module whose name only a call gives', () => {
    const known = { ...server, names: ['main', 'cart'] }
    expect(disabledReason('edit', session({ isCurrent: true, name: 'cart' }), known)).toBeUndefined()
    expect(disabledReason('edit', session({ isCurrent: true, name: 'cart' }), server)).toBe('Only a call of the app has the options of this session. It can be changed after its next request.')
  })

  it('reveals a seal only if one was sent', () => {
    expect(disabledReason('reveal', session(), server)).toBeUndefined()
    expect(disabledReason('reveal', session({ transport: 'none' }), server)).toContain('no seal')
    expect(disabledReason('reveal', session({ transport: 'none', name: 'hdr' }), { ...server, names: ['main', 'hdr'] }), 'nothing sends a session without a cookie by itself').toBeUndefined()
    expect(disabledReason('reveal', session({ isCurrent: true, keeper: 'h3' }), server)).toContain('password')
    expect(disabledReason('reveal', session({ id: undefined, storage: 'session', transport: 'unknown' }), server)).toContain('hash of its id')
    expect(disabledReason('reveal', session({ isCut: true }), server)).toContain('too large')
    expect(disabledReason('reveal', session({ isCut: true, storage: 'session' }), server)).toBeUndefined()
  })
})

describe('restoreDisabledReason', () => {
  const event = { seq: 1, at: 0, kind: 'update' as const, name: 'main', keeper: 'module' as const, method: 'GET', path: '/', sources: [], changes: [], hasData: true }

  it('needs data to restore and a session of this browser', () => {
    expect(restoreDisabledReason(event, {}, server)).toBeUndefined()
    expect(restoreDisabledReason(event, undefined, server)).toContain('no data to restore')
    expect(restoreDisabledReason({ ...event, hasData: false }, {}, server)).toContain('too large')
    expect(restoreDisabledReason(event, {}, { ...server, sessions: [session()] })).toContain('no session named main')
    expect(restoreDisabledReason({ ...event, name: 'auth', keeper: 'h3' }, {}, server)).toContain('h3')
    expect(restoreDisabledReason({ ...event, name: 'by-call' }, {}, server)).toContain('after its next request')
  })
})

it('finds this browser\'s session by name', () => {
  expect(currentSession('main', server)?.id).toBe('1')
  expect(currentSession('main', { sessions: [session({ isCurrent: true, ended: 'expired' })] })).toBeUndefined()
})
