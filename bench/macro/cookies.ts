import type { ServerProcess } from './server-process.ts'

/**
 * Cookie headers of new visitors, as a `start` route sets them.
 * @returns `undefined` if the route responds with 501: not supported
 */
export async function startVisitors(server: ServerProcess, path: string, bytes: number, count: number): Promise<string[] | undefined> {
  const cookies: string[] = []
  while (cookies.length < count) {
    const response = await fetch(`${server.url}${path}?bytes=${bytes}`)
    await response.text()
    if (response.status === 501) return undefined
    if (!response.ok) throw new Error(`${path} answered ${response.status}.\n${server.errors}`)
    cookies.push(response.headers.getSetCookie().map(cookie => cookie.split(';', 1)[0]).join('; '))
  }
  return cookies
}

/** Cookie headers with different seals of our session. The server has seen only the first of them. */
export async function sealTokens(server: ServerProcess, bytes: number, count: number): Promise<string[]> {
  const tokens = await server.get<string[]>(`/_bench/tokens?bytes=${bytes}&count=${count}`)
  return tokens.map(token => `h3=${token}`)
}
