import type { EventResponse, InspectedRequest, JsonObject, KeyWrite, TimelineEvent } from '../../../src/devtools/protocol'
import type { NamedOptions, OptionFact } from '../../../src/runtime/server/devtools/messages'
import { changedKeys } from '../../../src/devtools/bodies'
import { PASSWORD_CHANGED } from '../../../src/devtools/explain'
import { writersAfter } from '../../../src/devtools/key-writers'
import type { PanelSession, PanelState } from '../lib/state'

type SampleSession = PanelSession & { data: JsonObject }
export type SampleEvent = TimelineEvent & EventResponse
export type SampleRequest = Omit<InspectedRequest, 'events'> & { events: SampleEvent[] }
export interface SampleState extends PanelState { sessions: SampleSession[], requests: SampleRequest[] }

const NAMES = ['Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Edsger Dijkstra', 'Barbara Liskov', 'Donald Knuth', 'Katherine Johnson']
const LONG_NAME = 'Maria-Theresia von Hohenfels-Wartenberg-Liechtenau (maria-theresia.hohenfels-wartenberg@students.example.edu)'
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const SAMPLE_NAME = 'nuxt-session'

/** The state of an imaginary app with the given number of sessions. */
export function sampleState(count: number, now: number): SampleState {
  const store = new URLSearchParams(location.search).get('store')
  const hasStore = store !== null
  const sessions = Array.from({ length: count }, (_, index) => hasStore ? sampleStored(sampleSession(index, now), index) : sampleSession(index, now))
  const requests = sessions.length > 0 ? sampleRequests(sessions, now) : []
  return {
    cursor: '',
    current: [],
    sessions: sessions.map(session => ({ ...session, writers: sampleWriters(session, requests) })),
    requests,
    names: [SAMPLE_NAME, 'checkout'],
    presets: {
      admin: { userId: '1', data: { user: { id: 1, name: 'Admin', roles: ['admin', 'editor'] } } },
      customer: { userId: '7', data: { user: { id: 7, name: 'Customer' }, cart: [{ sku: 'NX-1', count: 2 }] } },
      guest: { data: { locale: 'en' } },
    },
    limits: { cookieBytes: 4096, sealLength: 16_384, cookies: Object.fromEntries([SAMPLE_NAME, 'checkout'].map(name => [name, { maxBytes: 7168, chunkMaxLength: 4000 }])), requests: 500, sessions: 500, stored: 100 },
    clears: 0,
    stores: hasStore ? [{ storage: 'session', names: [SAMPLE_NAME], hasMore: true, ...store === 'down' && { error: STORE_ERROR } }] : [],
  }
}

const STORE_ERROR = '[nuxt-h3-session] SESSION_STORE_UNAVAILABLE: the session store (unstorage driver "redis") did not answer within 2000 ms. Check that it runs, that this server can reach it and may read and write, and that it is not overloaded. "storeTimeout" is the time to wait for it.'

/** The options of the sample's sessions. */
export function sampleOptions(names: readonly string[]): NamedOptions[] {
  const common: OptionFact[] = [
    { option: 'password', value: '9f2c41aa, 03b7d5e8', from: 'environment', at: 'NUXT_SESSION_PASSWORD' },
    { option: 'maxAge', value: '7200', from: 'config', at: 'session.maxAge', calls: ['600'] },
    { option: 'idleTimeout', value: '3600', from: 'preset', at: 'strict' },
    { option: 'cookie.path', value: '"/"', from: 'default' },
    { option: 'cookie.httpOnly', value: 'true', from: 'default' },
    { option: 'cookie.secure', value: '"auto"', from: 'default' },
    { option: 'cookie.sameSite', value: '"strict"', from: 'environment', at: 'NUXT_SESSION_COOKIE_SAME_SITE' },
    { option: 'cookie.domain', from: 'default' },
    { option: 'cookie.maxBytes', value: '7168', from: 'config', at: 'session.cookie.maxBytes' },
    { option: 'sessionHeader', value: 'false', from: 'preset', at: 'strict' },
    { option: 'saveUninitialized', value: 'false', from: 'preset', at: 'strict' },
    { option: 'storage', from: 'default' },
    { option: 'storeTimeout', value: '2000', from: 'default' },
    { option: 'caches', value: 'true', from: 'default' },
    { option: 'crossOrigin', value: '"refuse"', from: 'preset', at: 'strict' },
  ]
  return names.map(name => ({ name, options: common }))
}

const HOSTILE_USER = `admin \u202Etxet siht sesrever${'x'.repeat(100_000)}`

/** What a visitor may choose, so that the panel shows it wrongly. */
export const HOSTILE_SESSION = { user: HOSTILE_USER, userId: HOSTILE_USER, data: { 'note\u202E': 'value\u202E', '': 'of an empty key', 'user': { name: 'שלום' } } }

function sampleSession(index: number, now: number): SampleSession {
  const id = sampleId(index)
  const isAnonymous = index % 4 === 3
  const keeper = index % 5 === 2 ? 'h3' : 'module'
  const name = keeper === 'h3' ? 'auth' : SAMPLE_NAME
  const data = sampleData(index, isAnonymous)
  const bytes = 290 + Math.round(JSON.stringify(data).length * 4 / 3)
  const chunks = Math.ceil(bytes / 4000)
  const expiresAt = now + 2 * HOUR - index * 17 * MINUTE % (2 * HOUR) + 40_000
  const isBare = index === 4
  return {
    key: `${name}:${id}`,
    name,
    id,
    handle: sampleHandle(id),
    ...!isAnonymous && { user: index === 10 ? LONG_NAME : NAMES[index % NAMES.length] },
    ...!isAnonymous && keeper === 'module' && { userId: String(100 + index) },
    createdAt: now - (index + 3) * 4 * MINUTE,
    ...!isAnonymous && { authenticatedAt: now - (index + 2) * 4 * MINUTE },
    lastUsedAt: now - index * 53_000 - 5000,
    ...index % 6 !== 5 && { expiresAt },
    transport: index === 6 ? 'header' : 'cookie',
    keeper,
    data,
    ...index === 0 && { flash: { message: 'Welcome back, Ada.' } },
    bytes,
    chunks,
    isCurrent: index === 0,
    ...index === 6 && { isCut: true, data: {}, sizes: [{ key: 'searchResults', bytes: 214_000 }, { key: 'cart', bytes: 1830 }, { key: 'locale', bytes: 14 }] },
    ...index === 5 && { ended: 'cleared' as const },
    ...index === 8 && { ended: 'expired' as const },
    ...index !== 6 && {
      cookie: {
        attributes: { path: '/', httpOnly: true, secure: false, sameSite: isBare ? 'none' : 'lax', partitioned: false, expires: expiresAt },
        passwordIndex: index === 1 ? 1 : 0,
        origin: 'http://localhost:3000',
        comesBack: isBare ? 'never' as const : 'always' as const,
        problems: isBare ? ['Browsers drop it: SameSite=None needs Secure. Serve the app over https.'] : [],
      },
    },
  }
}

function sampleData(index: number, isAnonymous: boolean): JsonObject {
  if (isAnonymous) return index === 3 ? {} : { ...sampleViews(index), cart: [{ sku: `NX-${index}`, count: 1 }], locale: 'en' }
  return {
    user: { id: 100 + index, name: NAMES[index % NAMES.length] as string, roles: index === 0 ? ['admin', 'editor'] : ['reader'], isVerified: true, avatar: null },
    accessToken: `gho_${sampleId(index + 700).replaceAll('-', '')}`,
    oauth: { provider: 'github', secret: { refresh: 'r-4711', expires: 1_795_000_000 } },
    cart: [{ sku: 'NX-1', count: 2, price: 19.9 }, { sku: 'H3-2', count: 1, price: 4.5 }],
    visits: 3 + index,
    ...sampleViews(index),
    ...index === 0 && sampleKeys(),
  }
}

/** As many keys as `?keys` says, each with its writer: most have one line, some several. */
function sampleKeys(): JsonObject {
  const count = Number(new URLSearchParams(location.search).get('keys') ?? 0)
  const tall = ['a long text '.repeat(50), { on: true, level: 1 }, 'unbroken'.repeat(60)]
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, (index % 20 === 0 ? tall[index / 20 % tall.length] : undefined) ?? index]))
}

function sampleViews(index: number): JsonObject {
  const viewed = Array.from({ length: (index * 31) % 130 }, (_, item) => `product-${1000 + item * 7}`)
  return viewed.length > 0 ? { recentlyViewed: viewed } : {}
}

function sampleRequests(sessions: SampleSession[], now: number): SampleRequest[] {
  const requests = sessions.slice(0, 40).flatMap<[at: number, method: string, path: string, ...events: Partial<SampleEvent>[]]>((session, index) => {
    const { key, name, id, keeper, data } = session
    const at = (milliseconds: number): number => now - index * 70_000 - milliseconds
    const common = { key, name, id, keeper }
    const load: Partial<SampleEvent> = { ...common, kind: 'load' }
    const earlier = { ...data, visits: 1, cart: [] }
    return [
      [at(61_250), 'GET', '/', { ...common, kind: 'create', sources: ['server/middleware/visits.ts:4'], after: { visits: 1 } }],
      [at(42_117), 'POST', '/api/login', load,
        { ...common, kind: 'update', sources: ['server/api/login.post.ts:12'], before: { visits: 1 }, after: earlier },
        ...index % 2 === 0 ? [{ ...common, kind: 'regenerate' as const, sources: ['server/api/login.post.ts:13'], before: earlier, after: earlier }] : []],
      ...index === 0 ? [[now - 31_000, 'GET', '/account', { kind: 'reject', name, keeper, user: 'Rev (rv)', reason: 'tampered', explanation: PASSWORD_CHANGED }] as [number, string, string, Partial<SampleEvent>]] : [],
      [at(12_004), 'GET', '/account?tab=orders&sort=newest', load],
      [at(5003), 'POST', '/api/cart', load, { ...common, kind: 'update', sources: ['server/api/cart.post.ts:7'], before: earlier, after: data, ...session.flash && { changes: [...changedKeys(earlier, data), '+flash.message'] } }],
    ]
  })
  let seq = 0
  return requests.sort(([a], [b]) => a - b).map(([at, method, path, ...events]) => ({
    id: `sample-${at}-${path}`, at, method, path, status: 200, duration: 4, events: events.map(event => sampleEvent({ ...event, at, seq: ++seq })),
  }))
}

export function sampleEvent(event: Partial<SampleEvent>): SampleEvent {
  const { kind = 'load', before, after } = event
  const changes = kind === 'load' || !(before || after) ? [] : changedKeys(before, after)
  return { seq: 0, at: 0, kind, name: SAMPLE_NAME, keeper: 'module', sources: [], changes, hasData: (before ?? after) !== undefined, ...event }
}

function sampleWriters({ key }: SampleSession, requests: readonly SampleRequest[]): KeyWrite[] {
  return requests.flatMap(({ method, path, events }) => events.map(event => ({ method, path, event }))).filter(({ event }) => event.key === key)
    .reduce<KeyWrite[]>((writers, { method, path, event }) => writersAfter(writers, event.changes, { at: event.at, method, path, source: event.sources[0] }), [])
}

/** The same session in a store. Every third one is known only from its store, and one from before a restart. */
function sampleStored(session: SampleSession, index: number): SampleSession {
  if (session.keeper === 'h3') return session
  const stored: SampleSession = {
    ...session,
    storage: 'session', recordBytes: session.bytes, bytes: 312, chunks: 1,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36', ip: '127.0.0.1',
  }
  return index % 3 === 1 ? { ...stored, id: undefined, bytes: 0, transport: 'unknown', cookie: undefined, ...index === 10 && { origin: 'earlier' } } : stored
}

/** Not a hash, but as long as one. */
export function sampleHandle(id: string): string {
  return id.replaceAll('-', '').padEnd(64, '0').slice(0, 64)
}

function sampleId(index: number): string {
  const hex = (Math.imul(index + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')
  return `${hex}-${hex.slice(0, 4)}-4${hex.slice(1, 4)}-a${hex.slice(2, 5)}-${hex}${hex.slice(4)}`
}
