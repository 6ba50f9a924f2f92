import { FORGED, FRESH_SALTS, GARBAGE, GOOD, LARGE, SMALL, lazy, targetName } from '../macro/app-targets.ts'
import { NEW_CHALLENGES, NO_LOGIN, ONE_CHALLENGE } from '../macro/device-flood.ts'
import type { MacroResults } from '../macro/run.ts'
import { bare, overSecureSession, unseen } from '../macro/side-by-side.ts'
import { median, medianInterval } from '../statistics.ts'
import type { Row } from './row.ts'

/** The goals for a server under load. */
export function macroRows(results: MacroResults): Row[] {
  return [...throughputRows(results), ...hostileRows(results), ...otherRows(results), ...peerRows(results)]
}

function throughputRows({ app }: MacroResults): Row[] {
  const ofPlain = (action: 'read' | 'write', bytes: number, size: string, goal: Row['goal']): Row => ({
    measure: `${action === 'read' ? 'reading' : 'writing'} route, of the plain route's throughput, ${size}`,
    ours: app.throughput(targetName('ours', action, bytes)),
    h3v1: app.throughput(targetName('h3-v1', action, bytes)),
    goal,
    unit: 'share',
  })
  const floor = (measure: string, action: 'read' | 'write', bytes: number): Row =>
    ({ measure, ours: app.throughput(targetName('floor', action, bytes)), unit: 'share' })
  const slow = (action: 'read' | 'write') => app.between(targetName('slow', action, SMALL), targetName('one', action, SMALL))
  return [
    ofPlain('read', SMALL, '100 B', { must: 0.8, aim: 0.88 }),
    floor('the floor: a route without a session that awaits, receives that cookie and sets the same headers', 'read', SMALL),
    ofPlain('read', LARGE, '1 KB', { must: 0.75, aim: 0.8 }),
    floor('its floor', 'read', LARGE),
    ofPlain('write', SMALL, '100 B', { must: 0.5, aim: 0.55 }),
    floor('the floor: the same, with a Set-Cookie of that length', 'write', SMALL),
    ofPlain('write', LARGE, '1 KB', { must: 0.43, aim: 0.5 }),
    floor('its floor', 'write', LARGE),
    { measure: 'reading route at 8192 iterations, of the same at 1', ours: slow('read'), goal: { must: 0.95, aim: 1 }, unit: 'share' },
    { measure: 'writing route at 8192 iterations, of the same at 1', ours: slow('write'), goal: { must: 0.95, aim: 1 }, unit: 'share' },
  ]
}

function hostileRows({ app, flood }: MacroResults): Row[] {
  const cost = (measure: string, name: string, good: string): Row =>
    ({ measure, ours: 1 / app.between(name, good), goal: { must: 1.5, aim: 1 }, isCost: true, unit: 'times' })
  const ofEndpoint = (measure: string, name: string): Row => ({ measure, ours: app.cpu(name) / app.cpu(FORGED), isCost: true, unit: 'times' })
  return [
    cost('a cookie with a forged MAC, over a good one, `saveUninitialized: false`', lazy(FORGED), lazy(GOOD)),
    cost('garbage, likewise', lazy(GARBAGE), lazy(GOOD)),
    cost('forged with fresh salts, likewise', lazy(FRESH_SALTS), lazy(GOOD)),
    cost('a forged MAC if each rejected token starts and seals a new session (`saveUninitialized: true`)', FORGED, GOOD),
    cost('garbage, likewise', GARBAGE, GOOD),
    { ...ofEndpoint('CPU of a hostile request to the endpoint of `deviceBound` without a login, over a forged MAC likewise', NO_LOGIN), goal: { must: 1, aim: 0.5 } },
    { ...ofEndpoint('the same of a user who sends wrong signatures for one challenge', ONE_CHALLENGE), goal: { must: 1, aim: 0.5 } },
    { ...ofEndpoint('the same for all the challenges that the endpoint gives', NEW_CHALLENGES), goal: { must: 1, aim: 0.5 } },
    {
      measure: 'p99 of the plain route at 500 requests a second, during a flood of fresh salts at 8192 iterations, over the same without',
      ours: flood.steady.p99, goal: { must: 1.5, aim: 1.2 }, isCost: true, unit: 'times',
    },
    { measure: 'the floor: the same flood without cookies, of the plain route', ours: flood.floor.p99, isCost: true, unit: 'times' },
    { measure: 'the same for the plain route at its full throughput, while the flood uses a part of the two cores', ours: flood.saturated.p99, isCost: true, unit: 'times' },
  ]
}

function otherRows({ app, memory }: MacroResults): Row[] {
  const plain = memory.perRequest.get('plain') ?? Number.NaN
  const overPlain = (route: string) => (memory.perRequest.get(route) ?? Number.NaN) - plain
  const stored = targetName('stored', 'read', SMALL)
  const cpuOverUsers = (kind: string) => app.cpu(targetName(kind, 'read', SMALL)) / app.cpu(targetName('users', 'read', SMALL))
  return [
    { measure: 'a visitor without a cookie, `saveUninitialized: false`, of the plain route', ours: app.throughput('visitor'), goal: { must: 0.97, aim: 0.99 }, unit: 'share' },
    { measure: 'the floor: a route without a session that awaits and sets the same headers', ours: app.throughput('floor, visitor'), unit: 'share' },
    { measure: 'the visitor with `cacheHeaders: false`', ours: app.throughput('visitor, no cache headers'), unit: 'share' },
    { measure: 'memory allocated by a read, over the plain route\'s', ours: overPlain('ours'), h3v1: overPlain('h3-v1'), goal: { must: 3 * 1024, aim: 1.5 * 1024 }, isCost: true, unit: 'bytes' },
    { measure: 'store-backed read, of the plain route (memory driver)', ours: app.has(stored) ? app.throughput(stored) : undefined, goal: { must: 0.55, aim: 0.65 }, unit: 'share' },
    { measure: 'CPU of a user\'s store-backed read with `deviceBound` and a browser without a key, over the same without the option', ours: cpuOverUsers('unbound'), goal: { must: 1.1, aim: 1 }, isCost: true, unit: 'times' },
    { measure: 'the same with a browser with a key, whose proof is a second cookie that is checked', ours: cpuOverUsers('bound'), goal: { must: 1.5, aim: 1.2 }, isCost: true, unit: 'times' },
    { measure: 'p99 of the reading route, over the plain route\'s', ours: app.p99(targetName('ours', 'read', SMALL)), h3v1: app.p99(targetName('h3-v1', 'read', SMALL)), goal: { must: 2, aim: 1.5 }, isCost: true, unit: 'times' },
  ]
}

function peerRows({ sideBySide }: MacroResults): Row[] {
  const over = (measure: string, name: string, bytes: number, goal?: Row['goal']): Row => {
    const ratios = overSecureSession(sideBySide, name, bytes)
    return { measure, ours: median(ratios), interval: medianInterval(ratios), goal, unit: 'times' }
  }
  const goal = { must: 1, aim: 1 }
  return [
    over('reading without the cache of opened tokens (`caches: \'keys\'`), over @fastify/secure-session\'s reading, each relative to its own plain route, in turns, 100 B', targetName('keys', 'read', SMALL), SMALL, goal),
    over('the same, 1 KB', targetName('keys', 'read', LARGE), LARGE, goal),
    over('100 B with `cacheHeaders: false`: the peer sends no such headers', bare(SMALL), SMALL),
    over('the same, 1 KB', bare(LARGE), LARGE),
    over('with the cache, and tokens that are not in it, 100 B', unseen(SMALL), SMALL, { must: 1, aim: 1.1 }),
    over('the same, 1 KB', unseen(LARGE), LARGE),
  ]
}
