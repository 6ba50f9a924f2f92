import type { Settings } from '../settings.ts'
import { startBoundVisitors } from './bound-visitors.ts'
import { sealTokens, startVisitors } from './cookies.ts'
import { deviceFloodTargets } from './device-flood.ts'
import { forgeFresh, forgeMac, garbage } from './forgery.ts'
import type { ServerProcess } from './server-process.ts'
import type { TargetGroup } from './target-groups.ts'
import type { Target } from './target.ts'

/** A session with a user id has about 100 bytes, one with a cart a kilobyte. */
export const SMALL = 100
export const LARGE = 1000

/** The session libraries, by the prefix of their routes, with the sizes of session that are measured. */
const SESSIONS: [prefix: string, sizes: number[]][] = [
  ['ours', [SMALL, LARGE]], ['uncached', [SMALL, LARGE]], ['stored', [SMALL]],
  ['h3-v1', [SMALL, LARGE]], ['auth-utils', [SMALL, LARGE]], ['iron-session', [SMALL, LARGE]],
]

/** Every route of the Nitro app. */
export const APP_TARGETS: TargetGroup[] = [
  ...SESSIONS.flatMap(([prefix, sizes]) => sizes.map(bytes => sessionGroup(prefix, bytes))),
  ...[SMALL, LARGE].map((bytes): TargetGroup => (server, settings) => floorTargets(server, bytes, settings)),
  iterationTargets, visitorTargets, userTargets, forgedTargets, lazyTargets,
]

/** One iteration and many. */
async function iterationTargets(server: ServerProcess, { visitors }: Settings): Promise<Target[]> {
  return [...await sessionTargets(server, 'one', SMALL, visitors), ...await sessionTargets(server, 'slow', SMALL, visitors)]
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
async function floorTargets(server: ServerProcess, bytes: number, { visitors }: Settings): Promise<Target[]> {
  const cookies = await startVisitors(server, '/ours/start', bytes, visitors) ?? []
  return [
    { name: targetName('floor', 'read', bytes), path: '/floor/read', cookies },
    { name: targetName('floor', 'write', bytes), path: '/floor/write', cookies, keepsCookies: true },
  ]
}

/** The reading and the writing route of a session library. */
export function sessionGroup(prefix: string, bytes: number): TargetGroup {
  return (server, { visitors }) => sessionTargets(server, prefix, bytes, visitors)
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

export function targetName(prefix: string, action: 'read' | 'write', bytes: number): string {
  return `${prefix} ${action} ${bytes} B`
}

/** Requests without a session. */
async function visitorTargets(): Promise<Target[]> {
  return [
    { name: 'visitor', path: '/lazy/read', cookies: [] },
    { name: 'visitor, no cache headers', path: '/bare/read', cookies: [] },
    { name: 'floor, visitor', path: '/floor/read', cookies: [] },
  ]
}

export const GOOD = 'good'
export const FORGED = 'forged'
export const GARBAGE = 'garbage'
export const FRESH_SALTS = 'fresh salts'

/** Invalid tokens, each of which starts a new session, and the endpoint of bound sessions. */
async function forgedTargets(server: ServerProcess, settings: Settings): Promise<Target[]> {
  const { tokens } = settings
  const cookies = await sealTokens(server, SMALL, tokens)
  const path = '/ours/read'
  return [
    { name: GOOD, path, cookies: await startVisitors(server, '/ours/start', SMALL, settings.visitors) ?? [] },
    { name: FORGED, path, cookies: cookies.map(forgeMac) },
    { name: GARBAGE, path, cookies: Array.from({ length: tokens }, () => garbage('h3')) },
    // Each has a cookie and a token, so fewer of them.
    ...await deviceFloodTargets(server, SMALL, tokens / 4),
  ]
}

/** Invalid tokens where a new session is not sent at once, so that a rejected cookie costs no seal. */
async function lazyTargets(server: ServerProcess, { tokens, visitors }: Settings): Promise<Target[]> {
  const cookies = await sealTokens(server, SMALL, tokens)
  const times = (make: () => string) => Array.from({ length: tokens }, make)
  const path = '/lazy/read'
  return [
    { name: lazy(GOOD), path, cookies: await startVisitors(server, '/lazy/start', SMALL, visitors) ?? [] },
    { name: lazy(FORGED), path, cookies: cookies.map(cookie => forgeMac(cookie.replace('h3=', 'lazy='))) },
    { name: lazy(GARBAGE), path, cookies: times(() => garbage('lazy')) },
    { name: lazy(FRESH_SALTS), path, cookies: times(() => forgeFresh('lazy')) },
  ]
}

export const lazy = (name: string) => `${name}, lazy`
