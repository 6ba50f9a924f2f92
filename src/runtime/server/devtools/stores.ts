import { parse } from 'cookie-es'
import type { ResolvedConfig } from '../../core/config/types'
import { administratedStore, revoke } from '../../core/session/administration'
import { joinChunks } from '../../core/cookie/cookies'
import { mergeData } from '../../core/model/data'
import { latestEnd } from '../../core/model/lifetimes'
import type { Lifetimes } from '../../core/model/lifetimes'
import { isOver, reasonOf } from '../../core/session/persistence/stored-session'
import { openToken } from '../../core/session/token'
import { isAlive } from '../../core/store/record'
import type { SessionRecord } from '../../core/store/store'
import type { Session } from '../../core/model/types'
import { useEnvironment } from '../environment'
import { resolvedConfig } from '../open'
import type { KnownOptions } from './known-options'
import { endOf } from './limits'
import { MAX_INLINE, MAX_LISTED } from './messages'
import type { CommandOf, EndedSession, ObservedMessage, ObservedSession, OwnSession, StoredPlace, StoreReport } from './messages'
import { copyOf, recordBytes } from './observe'

const ALREADY_ENDED = 'The session has already ended. Nothing was changed.'

type AppStore = Awaited<ReturnType<typeof administratedStore>>

export function storeOf(known: KnownOptions, { name, storage }: { name?: string, storage: string }): Promise<AppStore> {
  const config = name === undefined ? undefined : known.of(name).config
  // A call can give another mount than the configured one.
  const stored = config?.storage === storage ? config : resolvedConfig(undefined, { name, storage })
  return administratedStore(useEnvironment(), stored, 'revokeSession')
}

/** Lists stored sessions. A store's error is part of its report. */
export async function readStores(known: KnownOptions, { places }: CommandOf<'stored'>): Promise<StoreReport[]> {
  const configOf = configsByName(known)
  return Promise.all(places.map(async ({ storage, handles }): Promise<StoreReport> => {
    try {
      const name = known.names.find(each => configOf(each).storage === storage)
      return { storage, ...await readStore(await storeOf(known, { name, storage }), storage, handles, configOf) }
    }
    catch (error) {
      return { storage, sessions: [], ended: [], hasMore: false, error: error instanceof Error ? error.message : String(error) }
    }
  }))
}

/** The options of each name, resolved once: a mount may have the sessions of several. */
function configsByName(known: KnownOptions): (name: string) => ResolvedConfig {
  const found = new Map<string, ResolvedConfig>()
  return (name) => {
    const config = found.get(name) ?? known.configOf(name)
    found.set(name, config)
    return config
  }
}

/** Lists the store's first sessions, and looks up those of the given handles that the list lacks. */
export async function readStore(app: AppStore, storage: string, handles: readonly string[], lifetimesOf: (name: string) => Lifetimes): Promise<Omit<StoreReport, 'storage'>> {
  const { entries, cursor } = await app.store.list({ limit: MAX_LISTED })
  const describe = (handle: string, record: SessionRecord) => {
    const name = record.name ?? app.config.name
    return toMessage(app, { storage, name, handle }, 'load', { after: record, longest: MAX_INLINE }, lifetimesOf(name))
  }
  const sessions = entries.map(({ key, record }) => describe(key, record))
  const listed = new Set(entries.map(({ key }) => key))
  const ended: EndedSession[] = []
  await Promise.all(handles.filter(handle => !listed.has(handle)).slice(0, MAX_LISTED).map(async (handle) => {
    const found = await app.store.get(handle)
    if (!isAlive(found)) ended.push({ handle, reason: found ? reasonOf(found) as EndedSession['reason'] : 'gone' })
    else if (isOver(found, app.env.now())) ended.push({ handle, reason: 'expired' })
    else sessions.push(describe(handle, found.record))
  }))
  return { sessions, ended, hasMore: cursor !== undefined }
}

/** Reads a session's data, if the session is alive. */
export async function readStored({ store }: AppStore, { handle }: StoredPlace): Promise<ObservedSession | undefined> {
  const found = await store.get(handle)
  return isAlive(found) ? copyOf(found.record) : undefined
}

/** The stored sessions to which a browser's cookies refer. */
export async function ownSessions(known: KnownOptions, cookie: string): Promise<OwnSession[]> {
  const env = useEnvironment()
  const cookies = parse(cookie) as Record<string, string>
  const found = await Promise.all(known.names.map(async (name) => {
    const token = joinChunks(name, cookies)
    const opened = token === undefined ? undefined : await openToken(token, known.of(name).config, env.now())
    return opened && 'reference' in opened ? [{ name, handle: env.hash(opened.reference.id) }] : []
  }))
  return found.flat()
}

export function editStored(app: AppStore, place: StoredPlace, data: object): Promise<ObservedMessage> {
  return change(app, place, 'update', record => ({ ...record, data: mergeData({}, data) }))
}

/** Expires a stored session: from now on its token is rejected as `expired`. */
export async function expireStored(app: AppStore, place: StoredPlace): Promise<ObservedMessage> {
  const now = app.env.now()
  const message = await change(app, place, 'renew', record => ({ ...expiredCopy(record, app.config, now), expiresAt: now - 1000 }))
  // The panel shows the old record with its new expiry, because some drivers delete an expired record immediately.
  return { ...message, session: message.before }
}

export async function revokeStored(app: AppStore, place: StoredPlace): Promise<ObservedMessage> {
  const found = await app.store.get(place.handle)
  if (!await revoke(app, place.handle)) throw new Error(ALREADY_ENDED)
  return toMessage(app, place, 'revoke', { before: isAlive(found) ? found.record : undefined })
}

/** A copy of a session that expired a second ago. */
export function expiredCopy<T extends Pick<Session, 'createdAt' | 'maxAge'>>(session: T, config: Lifetimes, now: number): T {
  return { ...session, createdAt: session.createdAt - (latestEnd(session, config) - now) - 1000 }
}

async function change(
  app: AppStore, place: StoredPlace, kind: ObservedMessage['kind'], make: (record: SessionRecord) => SessionRecord,
): Promise<ObservedMessage> {
  let before: SessionRecord | undefined
  const found = await app.store.update(place.handle, (record) => {
    before = record
    return make(record)
  })
  if (!isAlive(found)) throw new Error(ALREADY_ENDED)
  return toMessage(app, place, kind, { before, after: found.record })
}

/** `longest`: a session with more JSON is copied without its data. */
interface Records { before?: SessionRecord, after?: SessionRecord, longest?: number }

function toMessage({ env, config }: AppStore, place: StoredPlace, kind: ObservedMessage['kind'], { before, after, longest }: Records, lifetimes: Lifetimes = config): ObservedMessage {
  return {
    type: 'observed', kind, at: env.now(), method: 'DevTools', path: '', keeper: 'module', transport: 'unknown', ...place,
    before: before && copyOf(before),
    ...after && { session: copyOf(after, longest), ...endOf(after, lifetimes), expiresAt: after.expiresAt, recordBytes: recordBytes(after) },
  }
}
