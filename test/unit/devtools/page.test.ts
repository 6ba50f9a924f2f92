import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createSecureServer } from 'node:http2'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createPage } from '../../../src/devtools/page'
import { PAGE_PATH, TOKEN_HEADER } from '../../../src/devtools/protocol'

const API = `/base${PAGE_PATH}/api/state`

let tls: { key: Buffer, cert: Buffer }
let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'h3-session-page-'))
  const [key, cert] = [join(home, 'key.pem'), join(home, 'certificate.pem')] as const
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'pipe' })
  tls = { key: readFileSync(key), cert: readFileSync(cert) }
})
afterAll(() => rmSync(home, { recursive: true }))

describe('the link in the terminal', () => {
  it('leads to the server by the name that the browser used', async () => {
    const { port, printed } = await serve(listener => createServer(listener))
    expect((await fetch(`http://localhost:${port}${API}`)).status).toBe(401)
    expect(printed()).toBe(`http://localhost:${port}/base${PAGE_PATH}/`)
  })

  it('is https if the server is', async () => {
    const { port, printed } = await serve(listener => createHttpsServer(tls, listener))
    const sent = httpsRequest({ port, path: API, host: '127.0.0.1', headers: { host: `localhost:${port}` }, rejectUnauthorized: false }).end()
    const [response] = await once(sent, 'response')
    expect(response.resume().statusCode).toBe(401)
    expect(printed()).toBe(`https://localhost:${port}/base${PAGE_PATH}/`)
  })

  it('is https over HTTP/2, which has no Host header', async () => {
    const { port, printed } = await serve(listener => createSecureServer(tls, listener as never))
    const client = connect(`https://localhost:${port}`, { rejectUnauthorized: false })
    onTestFinished(() => client.close())
    const [headers] = await once(client.request({ ':path': API }), 'response')
    expect(headers[':status']).toBe(401)
    expect(printed()).toBe(`https://localhost:${port}/base${PAGE_PATH}/`)
  })
})

it('a browser that leaves over HTTP/2 ends nothing but its request', async () => {
  const { port, printed, token } = await serve(listener => createSecureServer(tls, listener as never))
  const client = connect(`https://localhost:${port}`, { rejectUnauthorized: false })
  onTestFinished(() => client.close())
  const statusOf = async (path: string, headers = {}) => (await once(client.request({ ':path': `/base${PAGE_PATH}${path}`, ...headers }), 'response'))[0][':status']
  expect(await statusOf('/api/state')).toBe(401)
  expect(printed()).toContain('https:')
  const headers = { ':path': `/base${PAGE_PATH}/api/edit`, ':method': 'POST', [TOKEN_HEADER]: token() }
  const left = client.request(headers)
  left.write('{')
  left.close()
  await once(left, 'close')
  const changes = client.request({ ':path': `/base${PAGE_PATH}/api/changes`, [TOKEN_HEADER]: token() })
  await once(changes, 'response')
  changes.close()
  await once(changes, 'close')
  expect(await statusOf('/')).toBe(200)
  expect(await statusOf('/use/unknown')).toBe(404)
})

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** A server of the page, and the link that it has printed, without the token. */
async function serve(create: (listener: Listener) => Server) {
  const messages: string[] = []
  const page = createPage({ rootDir: home, baseURL: '/base/', print: message => messages.push(message) })
  const server = create((request, response) => void page.handle(request, response))
  server.listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(() => {
    page.close()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, printed: () => /http\S+(?=#)/.exec(messages.join('\n'))?.[0], token: () => /#(\S+)/.exec(messages.join('\n'))![1]! }
}
