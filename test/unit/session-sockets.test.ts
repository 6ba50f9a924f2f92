import { describe, expect, it } from 'vitest'
import type { SessionDataShape } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'
import { FakeTransport } from './support/transport'
import { storedApp, write } from './support/stored'

/** A socket of a visitor whose cookie holds `{ a: 1 }`, in an app of either kind. */
async function given(storage: string, config: object = {}) {
  const app = storage ? storedApp(config) : new TestApp(config)
  const browser = app.browser()
  const { result: { id } } = await write(browser, { a: 1 })
  const transport = new FakeTransport({ cookie: browser.jar.header(app.env.time), writeRefusal: 'readonly' })
  const { use } = app.request(transport)
  const data = async (): Promise<SessionDataShape> => ({ ...(await use()).data })
  app.env.calls.length = 0
  return { app, browser, use, data, id, transport }
}

describe.each(['', 'session'])('a socket, storage %j', (storage) => {
  it('asks the session:load hook at each call, about the session of its token, whatever it said before', async () => {
    const { app, data, use, id } = await given(storage)
    let isBanned = false
    app.env.on('session:load', (_, info) => { if (isBanned) info.reject('banned') })
    expect(await data()).toEqual({ a: 1 })
    isBanned = true
    expect([await data(), await data()]).toEqual([{}, {}])
    expect((await use()).isNew).toBe(true)
    isBanned = false
    expect(await data()).toEqual({ a: 1 })
    expect(app.env.calls.filter(call => call.name === 'session:load').map(call => call.id)).toEqual([id, id, id, id, id])
    expect(app.env.reasons).toEqual(['banned', 'banned', 'banned'])
  })

  it('reads no session whose seal has ended, though the session has not', async () => {
    const { app, data } = await given(storage, { seal: { ttl: 1000 } })
    expect(await data()).toEqual({ a: 1 })
    app.pass(2)
    expect([await data(), await data(), app.env.reasons]).toEqual([{}, {}, ['expired', 'expired']])
  })

  it('shows what is true now by a manager of an earlier call, too', async () => {
    const { app, use, data } = await given(storage, { seal: { ttl: 1000 } })
    const first = await use()
    app.pass(2)
    await data()
    expect(first.data).toEqual(storage ? { a: 1 } : {})
  })
})

it('a socket without a token has the same empty session at each call', async () => {
  const { use } = new TestApp().request(new FakeTransport({ writeRefusal: 'readonly' }))
  expect((await use()).id).toBe((await use()).id)
})

it('a session that h3 itself read beside it stays the one that both see', async () => {
  const { app, use, transport, id } = await given('')
  const own = { id: id!, createdAt: app.env.time, data: { a: 1, byH3: true } }
  transport.sessions.h3 = own
  expect((await use()).data).toEqual({ a: 1, byH3: true })
  expect(transport.sessions.h3).toBe(own)
})
