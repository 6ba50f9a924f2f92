import { describe, expect, it } from 'vitest'
import type { SessionDataShape } from '../../src/runtime/core/model/types'
import { TestApp } from './support/app'
import { FakeTransport } from './support/transport'
import { storedApp, write } from './support/stored'

/** A socket of a visitor with a session of `{ a: 1 }`, in an app with or without a store. */
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
  it('calls the session:load hook at each call, whatever its earlier results', async () => {
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

  it('reads no session whose seal has expired, even if the session has not', async () => {
    const { app, data } = await given(storage, { seal: { ttl: 1000 } })
    expect(await data()).toEqual({ a: 1 })
    app.pass(2)
    expect([await data(), await data(), app.env.reasons]).toEqual([{}, {}, ['expired', 'expired']])
  })

  it('shows the current state in managers of earlier calls', async () => {
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

it('shares the session with h3 after h3 itself read it', async () => {
  const { app, use, transport, id } = await given('')
  const own = { id: id!, createdAt: app.env.time, data: { a: 1, byH3: true } }
  transport.sessions.h3 = own
  expect((await use()).data).toEqual({ a: 1, byH3: true })
  expect(transport.sessions.h3).toBe(own)
})
