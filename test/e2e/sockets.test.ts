import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Browser, DEFAULT_ATTRIBUTES, visit } from './support/browser'
import { suiteServer, testPassword } from './support/server'
import type { Server } from './support/server'
import { expectNothingHidden, member } from './support/visitors'

const NUXT_SESSION_PASSWORD = testPassword()

interface SocketAnswer { data: Record<string, unknown>, isNew: boolean, same: boolean, written: string }

/** Opens a socket, sends `messages` one after the other, and returns the responses. */
async function talk({ url }: Server, headers: Record<string, string>, messages: string[]): Promise<SocketAnswer[]> {
  // Node's WebSocket accepts headers, but its type is the browser's.
  const socket = new WebSocket(`${url.replace('http', 'ws')}/_ws`, { headers } as never)
  await once(socket, 'open')
  const answers: SocketAnswer[] = []
  for (const message of messages) {
    const answer = once(socket, 'message')
    socket.send(message)
    const [{ data }] = await answer as [MessageEvent<string>]
    answers.push(JSON.parse(data))
  }
  const closed = once(socket, 'close')
  socket.close()
  await closed
  return answers
}

/** The head of the response to an upgrade request. */
async function upgrade({ url }: Server, headers: Record<string, string>): Promise<string> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const lines = Object.entries({ 'host': host, 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers })
  socket.write(`GET /_ws HTTP/1.1\r\n${lines.map(line => line.join(': ')).join('\r\n')}\r\n\r\n`)
  const [head] = await once(socket, 'data')
  socket.destroy()
  return String(head)
}

describe('a WebSocket', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })

  it('reads the session of its upgrade, each time, and cannot write it', async () => {
    const ada = await member(server)
    const data = { secret: 'SECRET-of-the-session', public: { name: 'Ada' } }
    const answer = { data, isNew: false, same: true, written: 'SESSION_READONLY' }
    expect(await talk(server, { cookie: ada.cookieHeader }, ['default', 'default'])).toEqual([answer, answer])
  })

  it('reads a session that came by header', async () => {
    const ada = await member(server)
    const [answer] = await talk(server, { 'x-h3-session': ada.jar.get('h3')! }, ['default'])
    expect(answer).toMatchObject({ data: { public: { name: 'Ada' } }, isNew: false })
  })

  it.each([[{}], [{ cookie: 'h3=garbage' }], [{ cookie: 'h3=__chunked__3' }]])('of a visitor without a session reads an empty one, each time: %j', async (headers) => {
    const answers = await talk(server, headers as Record<string, string>, ['default', 'default', 'kept', 'kept'])
    for (const answer of answers) expect(answer).toMatchObject({ data: {}, isNew: true, written: 'SESSION_READONLY' })
  })

  it('reads and writes a stored session, with the writes of others in the meantime', async () => {
    const browser = new Browser(server)
    await browser.request('/api/kept', { method: 'POST' })
    const [first, second] = await talk(server, { cookie: browser.cookieHeader }, ['kept', 'kept'])
    expect(first).toMatchObject({ isNew: false, same: true, written: 'written' })
    expect(second).toEqual({ data: { public: { name: 'Kept' }, theme: 'by-socket' }, isNew: false, same: true, written: 'written' })
    expect((await browser.request('/api/kept')).body).toEqual({ data: { public: { name: 'Kept' }, theme: 'by-socket' }, isNew: false })
  })

  it('has the session in the upgrade hook, whose request has no context', async () => {
    const ada = await member(server)
    const known = await upgrade(server, { cookie: ada.cookieHeader })
    expect(known).toMatch(/^HTTP\/1.1 101 /)
    expect(known).toContain('x-upgrade: {"data":["secret","public"],"isNew":false}')
    expect(known.toLowerCase()).not.toContain('set-cookie')
    expect(await upgrade(server, {})).toContain('x-upgrade: {"data":[],"isNew":true}')
    expect(await upgrade(server, { cookie: 'h3=garbage' })).toContain('x-upgrade: {"data":[],"isNew":true}')
  })
})

describe('an event stream', () => {
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD })
  const eventsOf = (text: string) => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!))

  it('reads the session, and cannot write it after the first byte', async () => {
    const ada = await member(server, { public: { name: 'Ada' } })
    const answer = await ada.request('/api/events')
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(eventsOf(answer.text)).toEqual([{ secret: 'SECRET-of-the-session', public: { name: 'Ada' } }, { late: 'SESSION_HEADERS_SENT' }])
    expect(answer.setCookies).toEqual([])
    expect(answer.headers.get('cache-control')).toContain('private')
    expect(answer.headers.get('cache-control')).not.toContain('public')
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' } })
  })

  it('writes it before the first byte', async () => {
    const ada = await member(server)
    const answer = await ada.request('/api/events?write=1')
    expect(eventsOf(answer.text)).toMatchObject([{ theme: 'streamed' }, { late: 'SESSION_HEADERS_SENT' }])
    expect(answer.setCookies).toEqual([{ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: DEFAULT_ATTRIBUTES }])
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect((await ada.request('/api/_session')).body).toEqual({ public: { name: 'Ada' }, theme: 'streamed' })
  })

  it('of a new visitor creates no session on a read', async () => {
    const answer = await visit(server, '/api/events')
    expect(eventsOf(answer.text)[0]).toEqual({})
    expect(answer.setCookies).toEqual([])
    expectNothingHidden(answer)
  })
})
