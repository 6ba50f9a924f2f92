import { DeviceKey, readRegistration } from '../../test/support/device-key.ts'
import type { ServerProcess } from './server-process.ts'

/** Cookie headers of visitors without keys, and of visitors whose browser has registered one. */
export interface BoundVisitors { unbound: string[], bound: string[] }

/** Logs visitors in. Half of them register a key. */
export async function startBoundVisitors(server: ServerProcess, path: string, bytes: number, count: number): Promise<BoundVisitors> {
  const visitors: BoundVisitors = { unbound: [], bound: [] }
  while (visitors.bound.length < count) {
    visitors.unbound.push(sessionOnly((await login(server, path, bytes)).cookie))
    visitors.bound.push((await bindVisitor(server, path, bytes)).cookie)
  }
  return visitors
}

interface Login { cookie: string, header: string | null }

async function login(server: ServerProcess, path: string, bytes: number): Promise<Login> {
  const response = await fetch(`${server.url}${path}?bytes=${bytes}`)
  await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}.\n${server.errors}`)
  return { cookie: cookiesOf(response), header: response.headers.get('secure-session-registration') }
}

/** Logs a visitor in and registers a key. `cookie`: the session and the proof. `refreshPath`: where the browser renews the proof. */
export async function bindVisitor(server: ServerProcess, path: string, bytes: number): Promise<{ cookie: string, refreshPath: string }> {
  const { cookie, header } = await login(server, path, bytes)
  const { path: registerPath, challenge } = readRegistration(header)!
  const token = await (await DeviceKey.create()).registration(challenge)
  const response = await fetch(server.url + registerPath, { method: 'POST', headers: { cookie, 'secure-session-response': token } })
  if (!response.ok) throw new Error(`${registerPath} answered ${response.status}.\n${server.errors}`)
  const { refresh_url: refreshPath } = await response.json() as { refresh_url: string }
  return { cookie: `${sessionOnly(cookie)}; ${cookiesOf(response)}`, refreshPath }
}

/** The proof of a login lasts a minute. */
function sessionOnly(cookie: string): string {
  return cookie.split('; ').find(pair => !pair.includes('-device='))!
}

function cookiesOf(response: Response): string {
  return response.headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
}
