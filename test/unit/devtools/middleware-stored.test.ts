import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { handleOf, keyOf, observed, session, stored } from './support/observed'
import { PanelServer } from './support/panel-server'

let panel: PanelServer
beforeAll(async () => {
  panel = await PanelServer.start()
  panel.storages = { cart: 'kept' }
  panel.inspector.record(observed({ name: 'cart', storage: 'kept', session: session('seen') }), undefined)
  panel.inspector.record(observed({ session: session('in-its-cookie') }), undefined)
})
afterAll(() => panel.stop())
beforeEach(() => {
  panel.commands.length = 0
  panel.answer = {}
})

const SEEN = { key: keyOf('seen', 'cart') }
const PLACE = { storage: 'kept', name: 'cart', handle: handleOf('seen') }

describe('the state', () => {
  it('contains the stores\' sessions, and marks this browser\'s own', async () => {
    panel.stored = {
      reports: [{ storage: 'kept', sessions: [stored('seen', { name: 'cart' }), stored('unseen', { name: 'cart', expiresAt: Date.now() + 60_000 })], ended: [], hasMore: true }],
      own: [{ name: 'cart', handle: handleOf('unseen') }],
    }
    const { text } = await panel.ask('state', undefined, { cookie: 'cart=token' })
    expect(panel.commands).toEqual([{ op: 'stored', places: [{ storage: 'kept', handles: [handleOf('seen')] }], cookie: 'cart=token' }])
    const { sessions, stores } = JSON.parse(text)
    expect(stores).toEqual([{ storage: 'kept', names: ['cart'], hasMore: true }])
    expect(sessions.map((item: Record<string, unknown>) => [item.handle, item.storage, item.carrier, item.isCurrent])).toEqual([
      [handleOf('seen'), 'kept', 'cookie', false],
      [handleOf('in-its-cookie'), undefined, 'cookie', false],
      [handleOf('unseen'), 'kept', 'unknown', true],
    ])
  })

  it('is returned even if a store fails', async () => {
    panel.stored = { reports: [{ storage: 'kept', sessions: [], ended: [], hasMore: false, error: 'It does not answer.' }], own: [] }
    const { status, text } = await panel.ask('state')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ stores: [{ storage: 'kept', error: 'It does not answer.' }], sessions: [{ handle: handleOf('seen') }, {}] })
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
    panel.stored = { reports: [{ storage: 'kept', sessions: [stored('unseen', { name: 'cart' })], ended: [], hasMore: false }], own: [] }
    await panel.ask('state')
    expect(await panel.ask('reveal', { key: keyOf('unseen', 'cart') })).toMatchObject({ status: 400, text: expect.stringContaining('hash of its id') })
    expect(panel.commands.map(({ op }) => op)).toEqual(['stored'])
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
