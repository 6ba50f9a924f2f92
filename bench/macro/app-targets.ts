import type { Settings } from '../settings.ts'
import { startBoundVisitors } from './bound-visitors.ts'
import { sealTokens, startVisitors } from './cookies.ts'
import { deviceFloodTargets } from './device-flood.ts'
import { forgeFresh, forgeMac, garbage } from './forgery.ts'
import type { ServerProcess } from './server-process.ts'
import type { Target } from './target.ts'

export const PLAIN: Target = { name: 'plain', path: '/plain', cookies: [] }

/** A session with a user id has about 100 bytes, one with a cart a kilobyte. */
export const SMALL = 100
export const LARGE = 1000

/** The session libraries, by the prefix of their routes. `true`: also measured with a large session. */
const SESSIONS = [
  ['ours', true], ['uncached', true], ['one', false], ['slow', false], ['stored', false],
  ['h3-v1', true], ['auth-utils', true], ['iron-session', true],
] as const

/** Every route of the Nitro app, and the cookies for it. */
export async function appTargets(server: ServerProcess, settings: Settings): Promise<Target[]> {
  const targets: Target[] = []
  for (const [prefix, isLargeToo] of SESSIONS) {
    for (const bytes of isLargeToo ? [SMALL, LARGE] : [SMALL])
      targets.push(...await sessionTargets(server, prefix, bytes, settings.visitors))
  }
  return [
    ...targets, ...await userTargets(server, settings), ...await floorTargets(server, settings), ...await hostileTargets(server, settings),
    // Each has a cookie and a token, so fewer of them.
    ...await deviceFloodTargets(server, SMALL, settings.tokens / 4),
  ]
}

/** Stored sessions of users: without `deviceBound`, and with it, of browsers without keys and with a proof. */
async function userTargets(server: ServerProcess, { visitors }: Settings): Promise<Target[]> {
  const { unbound, bound } = await startBoundVisitors(server, '/bound/start', SMALL, visitors)
  return [
    ...(await sessionTargets(server, 'users', SMALL, visitors)).slice(0, 1),
    { name: targetName('unbound', 'read', SMALL), path: '/bound/read', cookies: unbound },
    { name: targetName('bound', 'read', SMALL), path: '/bound/read', cookies: bound },
  ]
}

/** The lower bound for every session library. */
async function floorTargets(server: ServerProcess, { visitors }: Settings): Promise<Target[]> {
  const cookies = await startVisitors(server, '/ours/start', LARGE, visitors) ?? []
  return [
    { name: 'floor, visitor', path: '/floor/read', cookies: [] },
    { name: targetName('floor', 'read', LARGE), path: '/floor/read', cookies },
    { name: targetName('floor', 'write', LARGE), path: '/floor/write', cookies, keepsCookies: true },
  ]
}

/** @returns none if the server does not support it */
export async function sessionTargets(server: ServerProcess, prefix: string, bytes: number, visitors: number): Promise<Target[]> {
  const path = prefix === '' ? '' : `/${prefix}`
  const cookies = await startVisitors(server, `${path}/start`, bytes, visitors)
  if (!cookies) return []
  return [
    { name: targetName(prefix, 'read', bytes), path: `${path}/read`, cookies },
    { name: targetName(prefix, 'write', bytes), path: `${path}/write`, cookies, keepsCookies: true },
  ]
}

export async function targetsOfBothSizes(server: ServerProcess, prefix: string, visitors: number): Promise<Target[]> {
  return [...await sessionTargets(server, prefix, SMALL, visitors), ...await sessionTargets(server, prefix, LARGE, visitors)]
}

export function targetName(prefix: string, action: 'read' | 'write', bytes: number): string {
  return `${prefix} ${action} ${bytes} B`
}

/** Requests without a session, with a new one each time, and with invalid tokens. */
async function hostileTargets(server: ServerProcess, { tokens, visitors }: Settings): Promise<Target[]> {
  const fresh = await sealTokens(server, SMALL, tokens)
  const times = (make: () => string) => Array.from({ length: tokens }, make)
  return [
    { name: 'visitor', path: '/lazy/read', cookies: [] },
    { name: 'visitor, no cache headers', path: '/bare/read', cookies: [] },
    { name: 'forged', path: '/ours/read', cookies: fresh.map(forgeMac) },
    { name: 'garbage', path: '/ours/read', cookies: times(() => garbage('h3')) },
    // If a new session is not sent at once, a rejected cookie costs no seal.
    ...(await sessionTargets(server, 'lazy', SMALL, visitors)).slice(0, 1),
    { name: 'forged, lazy', path: '/lazy/read', cookies: fresh.map(cookie => forgeMac(cookie.replace('h3=', 'lazy='))) },
    { name: 'garbage, lazy', path: '/lazy/read', cookies: times(() => garbage('lazy')) },
    { name: 'fresh salts, lazy', path: '/lazy/read', cookies: times(() => forgeFresh('lazy')) },
  ]
}
