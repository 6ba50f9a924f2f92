import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { refuseRequest } from '../../../src/devtools/gate'

describe('refuseRequest', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('lets the peer %s pass', (remoteAddress) => {
    expect(refuse({}, { remoteAddress })).toBeUndefined()
  })

  it.each(['192.168.1.7', '10.0.0.1', '0.0.0.0', '::', 'fe80::1', '::ffff:192.168.1.7', '127.0.0.1.example', '1127.0.0.1', '', undefined])(
    'refuses the peer %s', (remoteAddress) => {
      expect(refuse({}, { remoteAddress })).toBe('it comes from another machine')
    })

  it.each(['localhost', 'localhost:3000', 'LOCALHOST:3000', '127.0.0.1:3000', '127.8.9.10', '[::1]:3000', '[::1]', 'shop.localhost:3000'])(
    'takes %s for a name of this machine', (host) => {
      expect(refuse({ host })).toBeUndefined()
    })

  it.each([
    'evil.test', 'evil.test:3000', '192.168.1.7:3000', '0.0.0.0:3000', 'localhost.evil.test', '127.0.0.1.evil.test:3000', 'evil-localhost',
    'evil.test#.localhost', 'user@localhost', 'localhost:3000:1', 'localhost ', '', 'a.b.localhost', '127.0.0.1.nip.io', '[::2]', '2130706433',
  ])('refuses the host "%s"', (host) => {
    expect(refuse({ host })).toBe('its host is no name of this machine')
  })

  it('refuses a request without a host', () => {
    expect(refuse({ host: undefined })).toBe('its host is no name of this machine')
  })

  it.each([
    'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-server', 'forwarded', 'x-real-ip', 'via',
    'cf-connecting-ip', 'true-client-ip', 'x-client-ip', 'x-original-host',
  ])('refuses what came with %s, whatever it says', (name) => {
    for (const value of ['127.0.0.1', ''])
      expect(refuse({ [name]: value })).toBe('it was forwarded by a proxy')
  })

  it.each(['same-origin', 'none'])('lets sec-fetch-site %s pass', (site) => {
    expect(refuse({ 'sec-fetch-site': site })).toBeUndefined()
  })

  it.each(['same-site', 'cross-site', '', 'Same-Origin', 'same-origin, none'])('refuses sec-fetch-site "%s"', (site) => {
    expect(refuse({ 'sec-fetch-site': site })).toBe('it comes from a page of another origin')
  })

  it('lets the app\'s own origin pass', () => {
    expect(refuse({ origin: 'http://localhost:3000' })).toBeUndefined()
    expect(refuse({ origin: 'https://localhost:3000' })).toBeUndefined()
  })

  it.each(['http://evil.test', 'http://localhost:3001', 'http://localhost', 'http://127.0.0.1:3000', 'null', '', 'localhost:3000', 'http://localhost:3000@evil.test', 'file://'])(
    'refuses the origin "%s"', (origin) => {
      expect(refuse({ origin })).toBe('it comes from a page of another origin')
    })
})

function refuse(headers: IncomingHttpHeaders, socket: { remoteAddress?: string } = { remoteAddress: '127.0.0.1' }): string | undefined {
  return refuseRequest({ headers: { host: 'localhost:3000', ...headers }, socket } as IncomingMessage)
}
