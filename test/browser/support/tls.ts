import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect } from 'node:net'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import type { Browser, LaunchOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import type { Server } from '../../e2e/support/server'
import { launchChromium } from './launch'

/** Names of one site, which Chromium finds on this machine. */
export const HOSTS = { app: 'app.session.test', sibling: 'other.session.test', below: 'below.app.session.test', parent: 'session.test' } as const

/** Chromium and a certificate for `HOSTS` that it trusts. */
export interface TlsSite {
  browser: Browser
  /** Serves an app over TLS, and returns the port. */
  proxy: (app: Server) => Promise<number>
  /** Serves other pages over TLS, and returns the port. */
  serve: (listener: RequestListener) => Promise<number>
}

/** A site for all tests of a file or a `describe`. Its parts are set when it has started. */
export function suiteTlsSite({ args = [], ...options }: LaunchOptions = {}): TlsSite {
  const home = mkdtempSync(join(tmpdir(), 'tls-site-'))
  const started: { server: NetServer, sockets: Set<Socket> }[] = []
  const site = {} as TlsSite

  async function listen(server: NetServer): Promise<number> {
    const sockets = new Set<Socket>()
    server.on('connection', socket => sockets.add(socket))
    started.push({ server, sockets })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  beforeAll(async () => {
    const identity = createTrustedCertificate(home)
    site.serve = listener => listen(createHttpsServer(identity, listener))
    // The bytes are forwarded unchanged, with the host that the browser sent.
    site.proxy = app => listen(createTlsServer(identity, (socket) => {
      const onward = connect(Number(new URL(app.url).port), '127.0.0.1')
      socket.pipe(onward).pipe(socket)
      for (const [one, other] of [[socket, onward], [onward, socket]] as const) one.on('error', () => other.destroy())
    }))
    site.browser = await launchChromium({ ...options, args: [`--host-resolver-rules=MAP *.${HOSTS.parent} 127.0.0.1, MAP ${HOSTS.parent} 127.0.0.1`, ...args], env: { ...process.env as Record<string, string>, HOME: home } })
  })
  afterAll(async () => {
    await site.browser.close()
    for (const { server, sockets } of started) {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
    rmSync(home, { recursive: true, force: true })
  })
  return site
}

/** Chromium reads the certificates that a user trusts from this folder of the home. */
function createTrustedCertificate(home: string): { key: Buffer, cert: Buffer } {
  const [key, certificate, database] = ['key.pem', 'certificate.pem', '.pki/nssdb'].map(path => join(home, path)) as [string, string, string]
  const names = [HOSTS.parent, `*.${HOSTS.parent}`, HOSTS.below].map(name => `DNS:${name}`).join(',')
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', `/CN=${HOSTS.parent}`, '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', certificate,
  ], { stdio: 'pipe' })
  mkdirSync(database, { recursive: true })
  execFileSync('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'], { stdio: 'pipe' })
  execFileSync('certutil', ['-d', `sql:${database}`, '-A', '-t', 'CP,CP,', '-n', 'test', '-i', certificate], { stdio: 'pipe' })
  return { key: readFileSync(key), cert: readFileSync(certificate) }
}
