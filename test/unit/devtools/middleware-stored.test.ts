import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { StoreReport } from '../../../src/runtime/server/devtools/messages'
import { handleOf, keyOf, observed, session, stored } from './support/observed'
import { PanelServer } from './support/panel-server'

let panel: PanelServer
beforeAll(async () => {
  panel = await PanelServer.start()
  panel.storages = { cart: 'kept' }
  panel.inspector.record(observed({ name: 'cart', storage: 'kept', session: session('seen') }))
  panel.inspector.record(observed({ session: session('in-its-cookie') }))
})
afterAll(() => panel.stop())
beforeEach(() => {
  panel.commands.length = 0
  panel.answer = {}
})

const REPORT: StoreReport = { storage: 'kept', sessions: [], ended: [], hasMore: false }
const SEEN = { key: keyOf('seen', 'cart') }
const PLACE = { storage: 'kept', name: 'cart', handle: handleOf('seen') }

describe('the state', () => {
  it('contains the stores\' sessions, and marks this browser\'s own', async () => {
    panel.reports = [{ ...REPORT, sessions: [stored('seen', { name: 'cart' }), stored('unseen', { name: 'cart' })], hasMore: true }]
    panel.own = [{ name: 'cart', handle: handleOf('unseen') }]
    const { sessions, stores, current } = await panel.state()
    expect(panel.commands).toEqual([{ op: 'stored', places: [{ storage: 'kept', handles: [handleOf('seen')] }] }])
    expect(stores).toEqual([{ storage: 'kept', names: ['cart'], hasMore: true }])
    expect(sessions.map(item => [item.handle, item.storage, item.transport])).toEqual([
      [handleOf('seen'), 'kept', 'cookie'],
      [handleOf('in-its-cookie'), undefined, 'cookie'],
      [handleOf('unseen'), 'kept', 'unknown'],
    ])
    expect(current).toEqual([keyOf('unseen', 'cart')])
  })

  it('does not wait for a store that does not answer, and reads the stores at most once a second', async () => {
    panel.reports = undefined
    const { sessions, stores } = await panel.state()
    expect([sessions.length, stores]).toEqual([3, [{ storage: 'kept', names: ['cart'], hasMore: true }]])
    await Promise.all([panel.state(), panel.state(), panel.state()])
    expect(panel.commands.length).toBeLessThanOrEqual(1)
  })
})

describe('a stored session\'s data', () => {
  it('is read from the store if it is too large for the list', async () => {
    panel.inspector.sessions.addStoreReports([{ ...REPORT, sessions: [stored('long', { name: 'cart', session: { createdAt: 500, data: {}, isLong: true } })] }])
    panel.answer = { data: { text: 'long' } }
    expect(JSON.parse((await panel.ask('data', { key: keyOf('long', 'cart') })).text)).toEqual({ data: { text: 'long' } })
    expect(panel.commands).toEqual([{ op: 'read', place: { storage: 'kept', name: 'cart', handle: handleOf('long') } }])
  })
})

describe('a stored session of any browser', () => {
  it('is revoked by its handle', async () => {
    expect(await panel.ask('revoke', SEEN)).toMatchObject({ status: 200, text: '{}' })
    expect(panel.commands).toEqual([{ op: 'revoke', place: PLACE }])
  })

  it('is edited and expired in its store', async () => {
    await panel.ask('edit', { ...SEEN, name: 'cart', data: { n: 1 } })
    await panel.ask('expire', { ...SEEN, name: 'cart' })
    expect(panel.commands).toEqual([{ op: 'edit', place: PLACE, data: { n: 1 } }, { op: 'expire', place: PLACE }])
  })

  it('is revealed as a reference after a request has used it', async () => {
    panel.answer = { token: 'x' }
    await panel.ask('reveal', SEEN)
    expect(panel.commands).toMatchObject([{ op: 'reveal', name: 'cart', isStored: true, session: { id: 'seen' } }])
    panel.commands.length = 0
    panel.inspector.sessions.addStoreReports([{ ...REPORT, sessions: [stored('unseen', { name: 'cart' })] }])
    expect(await panel.ask('reveal', { key: keyOf('unseen', 'cart') })).toMatchObject({ status: 400, text: expect.stringContaining('hash of its id') })
    expect(panel.commands).toEqual([])
  })

  it.each([
    ['revoke', { key: keyOf('unknown') }, 'no session with this key'],
    ['revoke', { key: `cart:${'0'.repeat(64)}` }, 'no session with this key'],
    ['revoke', { key: keyOf('in-its-cookie') }, 'cookie'],
    ['revoke', { storage: 'kept', handle: handleOf('seen') }, '"key" must be a string'],
    ['edit', { key: keyOf('in-its-cookie'), name: 'h3', data: {} }, 'cookie'],
    ['edit', { ...SEEN, data: [] }, 'JSON object'],
    ['expire', { key: null, name: 'cart' }, '"key" must be a string'],
    ['clear', { ...SEEN, name: 'cart' }, 'a response to the session\'s own browser'],
    ['regenerate', { ...SEEN, name: 'cart' }, 'a response to the session\'s own browser'],
  ])('%s of %j is rejected', async (operation, body, reason) => {
    const { status, text } = await panel.ask(operation, body)
    expect(status).toBe(400)
    expect(text).toContain(reason.replaceAll('"', '\\"'))
    expect(panel.commands).toEqual([])
  })
})
