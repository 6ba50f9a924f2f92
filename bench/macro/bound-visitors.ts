import { DeviceKey, readRegistration } from '../../test/support/device-key.ts'
import type { ServerProcess } from './server-process.ts'

/** Cookie headers of visitors without keys, and of visitors whose browser has registered one. */
export interface BoundVisitors { unbound: string[], bound: string[] }

/** Logs visitors in. Half of them register a key. */
export async function startBoundVisitors(server: ServerProcess, path: string, bytes: number, count: number): Promise<BoundVisitors> {
  const visitors: BoundVisitors = { unbound: [], bound: [] }
  while (visitors.bound.length < count) {
    visitors.unbound.push(sessionOnly((await login(server, path, bytes)).cookie))
    visitors.bound.push(await register(server, await login(server, path, bytes)))
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

/** The cookie with the session, and the one with the proof. */
async function register(server: ServerProcess, { cookie, header }: Login): Promise<string> {
  const { path, challenge } = readRegistration(header)!
  const token = await (await DeviceKey.create()).registration(challenge)
  const response = await fetch(server.url + path, { method: 'POST', headers: { cookie, 'secure-session-response': token } })
  await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}.\n${server.errors}`)
  return `${sessionOnly(cookie)}; ${cookiesOf(response)}`
}

/** The proof of a login lasts a minute. */
function sessionOnly(cookie: string): string {
  return cookie.split('; ').find(pair => !pair.includes('-device='))!
}

function cookiesOf(response: Response): string {
  return response.headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
}
