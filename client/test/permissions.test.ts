import { describe, expect, it } from 'vitest'
import type { Action } from '../src/lib/permissions'
import { currentSession, refusal, restoreRefusal } from '../src/lib/permissions'
import { session } from './session'

const server = { names: ['main'], sessions: [session({ isCurrent: true })] }
const ACTIONS: Action[] = ['edit', 'regenerate', 'expire', 'clear']

describe('refusal', () => {
  it('allows everything on this browser\'s session', () => {
    for (const action of ACTIONS) expect(refusal(action, session({ isCurrent: true }), server)).toBeUndefined()
  })

  it('says why another browser\'s cookie is out of reach', () => {
    for (const action of ACTIONS) expect(refusal(action, session(), server)).toContain('another browser')
  })

  it('allows on a stored session what needs no response to the other browser', () => {
    const stored = session({ storage: 'session' })
    expect(ACTIONS.map(action => refusal(action, stored, server) === undefined)).toEqual([true, false, true, false])
    expect(refusal('clear', stored, server)).toContain('revoke')
  })

  it('revokes stored sessions of any browser and any name, and no others', () => {
    for (const isCurrent of [true, false]) {
      expect(refusal('revoke', session({ isCurrent, storage: 'session', name: 'by-call' }), server)).toBeUndefined()
      expect(refusal('revoke', session({ isCurrent }), server)).toContain('keep sessions in a store')
    }
    expect(refusal('revoke', session({ storage: 'session', ended: 'revoked' }), server)).toContain('ended')
  })

  it('edits no data that were not shown', () => {
    expect(refusal('edit', session({ isCurrent: true, storage: 'session', isCut: true }), server)).toContain('too much')
    expect(refusal('expire', session({ isCurrent: true, storage: 'session', isCut: true }), server)).toBeUndefined()
  })

  it('leaves sessions alone that ended, or whose password only the app knows', () => {
    expect(refusal('edit', session({ isCurrent: true, ended: 'cleared' }), server)).toContain('ended')
    expect(refusal('edit', session({ isCurrent: true, name: 'auth', keeper: 'h3' }), server)).toContain('h3')
  })

  it('reveals a seal only where one was sent', () => {
    expect(refusal('reveal', session(), server)).toBeUndefined()
    expect(refusal('reveal', session({ carrier: 'none' }), server)).toContain('no seal')
    expect(refusal('reveal', session({ isCurrent: true, keeper: 'h3' }), server)).toContain('password')
    expect(refusal('reveal', session({ id: undefined, storage: 'session', carrier: 'unknown' }), server)).toContain('hash of its id')
    expect(refusal('reveal', session({ isCut: true }), server)).toContain('too much')
    expect(refusal('reveal', session({ isCut: true, storage: 'session' }), server)).toBeUndefined()
  })
})

describe('restoreRefusal', () => {
  const event = { seq: 1, at: 0, kind: 'update' as const, name: 'main', keeper: 'module' as const, method: 'GET', path: '/' }

  it('needs data to go back to and a session of this browser', () => {
    expect(restoreRefusal({ ...event, after: {} }, server)).toBeUndefined()
    expect(restoreRefusal(event, server)).toContain('Nothing')
    expect(restoreRefusal({ ...event, isCut: true }, server)).toContain('too much')
    expect(restoreRefusal({ ...event, after: {} }, { ...server, sessions: [session()] })).toContain('no session named main')
    expect(restoreRefusal({ ...event, name: 'auth', after: {} }, server)).toContain('h3')
  })
})

it('finds this browser\'s session of a name', () => {
  expect(currentSession('main', server)?.id).toBe('1')
  expect(currentSession('main', { sessions: [session({ isCurrent: true, ended: 'expired' })] })).toBeUndefined()
})
