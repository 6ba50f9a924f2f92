import { describe, expect, it } from 'vitest'
import { Inspector, LIMITS } from '../../../src/devtools/inspector'
import type { EndedSession, ObservedMessage, StoreReport } from '../../../src/runtime/server/devtools/messages'
import { handleOf, keyOf, listOf, observed, session, stored, timelineOf } from './support/observed'

const KEPT = { storage: 'kept', recordBytes: 150 }

describe('stored sessions', () => {
  it('have the store of the message, and their handle in the key', () => {
    const { list } = record([{ ...KEPT, session: { ...session('a'), userAgent: 'Firefox', ip: '127.0.0.1' } }])
    expect(list()).toMatchObject([{ key: keyOf('a'), id: 'a', handle: handleOf('a'), storage: 'kept', recordBytes: 150, userAgent: 'Firefox', ip: '127.0.0.1' }])
  })

  it('are listed even if no request has used them', () => {
    const { report, list } = record([])
    report({ sessions: [stored('a', { session: { createdAt: 500, lastSeenAt: 800, userId: 'u', data: { n: 1 }, flash: { f: 1 } } })] })
    expect(list()).toEqual([{
      key: keyOf('a'), name: 'h3', id: undefined, handle: handleOf('a'), storage: 'kept', recordBytes: 120, user: 'u', userId: 'u', createdAt: 500, lastUsedAt: 800,
      expiresAt: 9000, data: { n: 1 }, flash: { f: 1 }, transport: 'unknown', keeper: 'module', bytes: 0, chunks: 1, isCurrent: false, ended: undefined,
      authenticatedAt: undefined, maxAge: undefined, isCut: undefined, sizes: undefined, userAgent: undefined, ip: undefined, cookie: undefined,
    }])
  })

  it('are those of the last report, and are merged with what requests have shown', () => {
    const { report, list } = record([{ ...KEPT, at: 900, session: session('a', { n: 1 }), bytes: 300, tokenHash: 'x', attributes: 'Path=/' }])
    report({ sessions: [stored('a', { session: { createdAt: 500, lastSeenAt: 950, data: { n: 2 } } }), stored('b')] })
    expect(list()).toMatchObject([
      { id: 'a', data: { n: 2 }, lastUsedAt: 950, transport: 'cookie', bytes: 300, recordBytes: 120, cookie: { attributes: { path: '/' } } },
      { handle: handleOf('b') },
    ])
    report({ sessions: [stored('a')] })
    expect(list()).toMatchObject([{ id: 'a', lastUsedAt: 950 }])
    expect(list()).toHaveLength(1)
  })

  it('keep the mark of a cookie that did not arrive', () => {
    const { inspector, report } = record([{ ...KEPT, kind: 'create', transport: 'none', request: 'first', session: session('a'), attributes: 'Path=/' }])
    inspector.finish({ type: 'sent', request: 'first', at: 2000, duration: 1000, status: undefined })
    report({ sessions: [stored('a')] })
    expect(inspector.find(keyOf('a'))!.undelivered).toBeDefined()
  })

  it('are changes only if the report differs from the last one', () => {
    const { report, inspector } = record([{ ...KEPT, session: session('a') }])
    const sessions = [stored('a'), stored('b', { session: { createdAt: 500, data: {}, isLong: true } })]
    expect(report({ sessions })).toBe(true)
    const { cursor } = inspector.changesSince()
    expect(report({ sessions })).toBe(false)
    expect(inspector.changesSince(cursor)).toMatchObject({ cursor, sessions: [], removed: [] })
    expect(report({ sessions: [stored('a')] })).toBe(true)
    expect(inspector.changesSince(cursor)).toMatchObject({ sessions: [], removed: [keyOf('b')] })
    expect(report({ sessions: [stored('a', { session: { createdAt: 500, data: { n: 1 } } })] })).toBe(true)
    expect(inspector.changesSince(cursor)).toMatchObject({ sessions: [{ id: 'a', data: { n: 1 } }] })
  })

  it('are sent without their data if a report has only a later use', () => {
    const { report, inspector } = record([])
    const used = (lastSeenAt: number, rest: object = { data: { n: 1 } }) => report({ sessions: [stored('a', { session: { createdAt: 500, lastSeenAt, data: {}, ...rest } })] })
    used(800)
    const { cursor } = inspector.changesSince()
    used(900)
    const [later] = inspector.changesSince(cursor).sessions
    expect(later).toMatchObject({ lastUsedAt: 900, hasSameData: true })
    expect(later).not.toHaveProperty('data')
    used(1000, { isLong: true })
    expect(inspector.changesSince(cursor).sessions[0], 'too long for the list now').not.toHaveProperty('hasSameData')
    used(1100)
    expect(inspector.changesSince(cursor).sessions).toMatchObject([{ data: { n: 1 } }])
  })

  it('stay listed while their store fails', () => {
    const { report, list } = record([])
    report({ sessions: [stored('a')] })
    report({ error: 'It does not answer.' })
    expect(list()).toMatchObject([{ handle: handleOf('a') }])
  })

  it('are listed once after their first request', () => {
    const { report, list, inspector } = record([])
    report({ sessions: [stored('a')] })
    inspector.record(observed({ ...KEPT, session: session('a') }))
    expect(list()).toMatchObject([{ id: 'a', transport: 'cookie' }])
    expect(list()).toHaveLength(1)
  })

  it('are this browser\'s if its cookie refers to them', () => {
    const { report, inspector } = record([{ ...KEPT, session: session('a') }])
    report({ sessions: [stored('a'), stored('b')] })
    const own = (id: string, name = 'h3') => listOf(inspector, '', [{ name, handle: handleOf(id) }]).filter(item => item.isCurrent).map(item => item.handle)
    expect([own('a'), own('b'), own('a', 'cart'), own('c')]).toEqual([[handleOf('a')], [handleOf('b')], [], []])
  })

  it.each<[EndedSession['reason'], string]>([['revoked', 'revoked'], ['superseded', 'regenerated'], ['expired', 'expired'], ['gone', 'gone'], ['malformed', 'malformed']])(
    'that are %s are listed as %s', (reason, ended) => {
      const { report, list, inspector } = record([{ ...KEPT, session: session('a') }])
      expect(inspector.sessions.storedHandles()).toEqual(new Map([['kept', [handleOf('a')]]]))
      report({ ended: [{ handle: handleOf('a'), reason }] })
      expect(list()).toMatchObject([{ ended }])
      expect(inspector.sessions.storedHandles()).toEqual(new Map())
    })

  it('that the panel expired keep their data and have their new expiry', () => {
    const { inspector, list } = record([{ ...KEPT, session: session('a', { n: 1 }), expiresAt: 9000, bytes: 300 }])
    const expired = { ...KEPT, kind: 'renew' as const, transport: 'unknown' as const, handle: handleOf('a'), session: { createdAt: 500, data: { n: 1 } }, expiresAt: 1400 }
    inspector.record(observed(expired))
    expect(list()).toMatchObject([{ id: 'a', expiresAt: 1400, data: { n: 1 }, transport: 'cookie', bytes: 300, lastUsedAt: 1000 }])
    expect(timelineOf(inspector)).toHaveLength(1)
  })

  it('that were cleared stay cleared, even if an older report lists them', () => {
    const { report, list } = record([{ ...KEPT, session: session('a') }, { kind: 'clear', before: session('a') }])
    report({ sessions: [stored('a')] })
    expect(list()).toMatchObject([{ ended: 'cleared' }])
  })

  it('are looked up in limited number, the last used first', () => {
    const { inspector } = record(Array.from({ length: LIMITS.stored + 5 }, (_, index) => ({ ...KEPT, session: session(`s${index}`) })))
    const handles = inspector.sessions.storedHandles().get('kept')!
    expect(handles).toHaveLength(LIMITS.stored)
    expect(handles[0]).toBe(handleOf(`s${LIMITS.stored + 4}`))
  })
})

describe('events of stored sessions', () => {
  it('are compared with what other requests have written since', () => {
    const load = { ...KEPT, session: session('a', { n: 0 }) }
    const write = (n: number) => ({ ...KEPT, kind: 'update' as const, before: session('a', { n: 0 }), session: session('a', { n }) })
    const { inspector } = record([load, load, write(1), write(2)])
    expect([3, 4].map(seq => inspector.requests.dataOf(seq))).toEqual([{ before: { n: 0 }, after: { n: 1 } }, { before: { n: 1 }, after: { n: 2 } }])
  })

  it('show a migration as a new id', () => {
    const { inspector, list } = record([
      { session: session('in-cookie', { n: 1 }), tokenHash: 'x' },
      { ...KEPT, kind: 'update', before: session('in-cookie', { n: 1 }), session: session('migrated', { n: 1 }) },
    ])
    expect(timelineOf(inspector)).toMatchObject([{ kind: 'load' }, { kind: 'regenerate', id: 'migrated' }])
    expect(Object.fromEntries(list().map(({ id, ended, storage }) => [id, [ended, storage]]))).toEqual({ 'in-cookie': ['regenerated', undefined], 'migrated': [undefined, 'kept'] })
  })

  it('include the panel\'s changes, which do not count as use', () => {
    const { report, inspector, list } = record([])
    report({ sessions: [stored('a', { session: { createdAt: 500, lastSeenAt: 800, data: { n: 1 } } })] })
    const panel = { ...KEPT, transport: 'unknown' as const, method: 'DevTools', path: '', handle: handleOf('a'), before: { createdAt: 500, data: { n: 1 } } }
    inspector.record(observed({ ...panel, kind: 'update', session: { createdAt: 500, lastSeenAt: 800, data: { n: 2 } } }))
    expect(list()).toMatchObject([{ lastUsedAt: 800, transport: 'unknown', data: { n: 2 } }])
    inspector.record(observed({ ...panel, kind: 'revoke', before: { createdAt: 500, data: { n: 2 } } }))
    expect(list()).toMatchObject([{ ended: 'revoked', isCurrent: false, data: { n: 2 } }])
    expect(timelineOf(inspector)).toMatchObject([
      { kind: 'update', key: keyOf('a'), changes: ['~n'] },
      { kind: 'revoke', key: keyOf('a'), changes: ['−n'] },
    ])
    report({ sessions: [] })
    expect(list(), 'it stays listed').toMatchObject([{ ended: 'revoked' }])
  })

  it('leave out data that is too large', () => {
    const { inspector, list } = record([{ ...KEPT, kind: 'update', before: session('a', { n: 1 }), session: { ...session('a'), isCut: true } }])
    expect(list()).toMatchObject([{ isCut: true }])
    expect(list()[0]).not.toHaveProperty('data')
    expect(timelineOf(inspector)).toMatchObject([{ changes: [], hasData: false }])
  })
})

function record(messages: Partial<ObservedMessage>[]) {
  const inspector = new Inspector()
  for (const message of messages) inspector.record(observed(message))
  return {
    inspector,
    list: () => listOf(inspector),
    report: (fields: Partial<StoreReport>) => inspector.sessions.addStoreReports([{ storage: 'kept', sessions: [], ended: [], hasMore: false, ...fields }]),
  }
}
