import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { forbiddenReason } from '../../../src/devtools/gate'

describe('forbiddenReason', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('lets the peer %s pass', (remoteAddress) => {
    expect(reasonFor({}, { remoteAddress })).toBeUndefined()
  })

  it.each(['192.168.1.7', '10.0.0.1', '0.0.0.0', '::', 'fe80::1', '::ffff:192.168.1.7', '127.0.0.1.example', '1127.0.0.1', '', undefined])(
    'forbids the peer %s', (remoteAddress) => {
      expect(reasonFor({}, { remoteAddress })).toBe('it comes from another machine')
    })

  it.each(['localhost', 'localhost:3000', 'LOCALHOST:3000', '127.0.0.1:3000', '127.8.9.10', '[::1]:3000', '[::1]', 'shop.localhost:3000'])(
    'accepts %s as a name of this machine', (host) => {
      expect(reasonFor({ host })).toBeUndefined()
    })

  it.each([
    'evil.test', 'evil.test:3000', '192.168.1.7:3000', '0.0.0.0:3000', 'localhost.evil.test', '127.0.0.1.evil.test:3000', 'evil-localhost',
    'evil.test#.localhost', 'user@localhost', 'localhost:3000:1', 'localhost ', '', 'a.b.localhost', '127.0.0.1.nip.io', '[::2]', '2130706433',
  ])('forbids the host "%s"', (host) => {
    expect(reasonFor({ host })).toBe('its address is not localhost')
  })

  it('names the address, not another machine, if this machine opens its own address in the network', () => {
    expect(reasonFor({ host: '192.168.1.7:3000' }, { remoteAddress: '192.168.1.7' })).toBe('its address is not localhost')
  })

  it('forbids a request without a Host header', () => {
    expect(reasonFor({ host: undefined })).toBe('its address is not localhost')
  })

  it.each([
    'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-forwarded-server', 'forwarded', 'x-real-ip', 'via',
    'cf-connecting-ip', 'true-client-ip', 'x-client-ip', 'x-original-host',
    'cf-ray', 'cdn-loop', 'fastly-client-ip', 'fly-client-ip', 'x-cluster-client-ip', 'x-envoy-external-address', 'x-azure-clientip',
  ])('forbids a request with %s, whatever its value', (name) => {
    for (const value of ['127.0.0.1', ''])
      expect(reasonFor({ [name]: value })).toBe('it was forwarded by a proxy')
  })

  it.each(['same-origin', 'none'])('lets sec-fetch-site %s pass', (site) => {
    expect(reasonFor({ 'sec-fetch-site': site })).toBeUndefined()
  })

  it.each(['same-site', 'cross-site', '', 'Same-Origin', 'same-origin, none'])('forbids sec-fetch-site "%s"', (site) => {
    expect(reasonFor({ 'sec-fetch-site': site })).toBe('it comes from a page of another origin')
  })

  it('lets the app\'s own origin pass', () => {
    expect(reasonFor({ origin: 'http://localhost:3000' })).toBeUndefined()
    expect(reasonFor({ origin: 'https://localhost:3000' })).toBeUndefined()
  })

  it.each(['http://evil.test', 'http://localhost:3001', 'http://localhost', 'http://127.0.0.1:3000', 'null', '', 'localhost:3000', 'http://localhost:3000@evil.test', 'file://'])(
    'forbids the origin "%s"', (origin) => {
      expect(reasonFor({ origin })).toBe('it comes from a page of another origin')
    })
})

function reasonFor(headers: IncomingHttpHeaders, socket: { remoteAddress?: string } = { remoteAddress: '127.0.0.1' }): string | undefined {
  return forbiddenReason({ headers: { host: 'localhost:3000', ...headers }, socket } as IncomingMessage)
}
