import { SessionError } from '../../model/errors'
import { sealReference } from '../../seal/reference'
import type { ActivityKind, Persistence, Prepare, SessionContext, StorePersistence } from '../context'
import { callEndedHooks } from './ended-sessions'
import { assertNotReplaced, newestToEnd } from './rejected-token'
import { renewStored, renewSeal } from './stored-renewal'
import { findStored, createStored, isBinding, loadBinding, recordOf, isOver, toStoredSession, UncertainError } from './stored-session'
import type { StoredContext } from './stored-session'
import { newId } from '../context'
import { lineageOf } from '../../store/lineage'
import { startOfHandle } from '../../store/epochs'
import { TOMBSTONE_MS } from '../../model/lifetimes'
import { hasProofCookie } from '../device/proof-cookie'
import { send } from '../response'
import { unsend } from './unsend'
import type { Alive, SessionRecord, SessionStore } from '../../store/store'
import { isAlive, isEnded } from '../../store/record'
import type { StoredState } from '../state'

/** Stored sessions: the client's token contains the id, not the data. */
export function createStorePersistence(store: SessionStore): StorePersistence {
  return { ...STORED, store }
}

const STORED: Omit<Persistence, 'store'> = {
  canEndIds: true,
  find: (context, opened) => findStored(inStore(context), opened),
  isStored: ({ state }) => state.stored !== undefined,
  seal: ({ config, env, state }) => sealReference(state.record, config, env.now()),
  commit: (context, kind, prepare) => commit(inStore(context), kind, prepare),
  renew(context, canSendToken, write) {
    const { migrating, stored } = context.state
    if (migrating && canSendToken) return write(context, 'update')
    return stored && renewStored(inStore(context), stored, canSendToken)
  },
  rejectionOf({ state }, error) {
    if (error instanceof EndedError) return 'superseded'
    const isUnchanged = state.migrating !== undefined && !state.isDirty
    return isUnchanged && error instanceof SessionError && error.code === 'SESSION_NOT_SERIALIZABLE' ? 'malformed' : undefined
  },
  isUncertain: error => error instanceof UncertainError,
  assertNotReplaced,
  callEndedHooks,
}

/** {@link STORED} is only used with a store. */
function inStore<T extends Pick<SessionContext, 'store'>>(context: T): T & Pick<StoredContext, 'store'> {
  return context as T & Pick<StoredContext, 'store'>
}

const TRIES = 10

/** Thrown inside an update if the session is cleared or gets a new id. */
class NotAnUpdate extends Error {}

/** Thrown if another write has changed the record. */
class Outdated extends Error {}

/** Writes a change to the store, and sends the token if needed. @throws SESSION_CONFLICT if the session has ended */
async function commit(context: StoredContext, kind: ActivityKind, prepare: Prepare): Promise<unknown> {
  const { stored } = context.state
  try {
    if (!stored) return await writeFirst(context, prepare)
    if (kind === 'clear' || kind === 'regenerate') return await endId(context, stored, prepare)
    return await update(context, stored, prepare)
  }
  catch (error) {
    // A token from an earlier write of this request must not overwrite the cookie of a newer session.
    if (error instanceof EndedError) unsend(context)
    throw error
  }
}

async function writeFirst(context: StoredContext, prepare: Prepare): Promise<unknown> {
  const { env, state, store } = context
  const { migrating } = state
  const { id } = state.record
  if (await prepare() === 'skip') return 'skip'
  const until = env.now() + TOMBSTONE_MS
  const newest = await newestToEnd(context)
  if (state.isCleared) {
    if (migrating) return endStored(context, migrating.key, migrating.until)
    return newest === undefined ? removeFromClient(context) : endStored(context, newest, until)
  }
  if (!migrating) {
    return createStored(context, async () => {
      // Not as revoked: the browser may have the new login already, which nothing that comes with the old id may end.
      if (newest !== undefined) await store.destroy(newest, { reason: 'superseded', ends: 'session', until })
    })
  }
  if (state.record.id === id) state.record.id = newId(context)
  state.record.lineage = lineageOf(store, migrating.key)
  return createStored(context, async () => {
    const claim = await store.destroy(migrating.key, { reason: 'superseded', until: migrating.until })
    if (claim !== 'destroyed') throw new EndedError()
  })
}

async function update(context: StoredContext, stored: StoredState, prepare: Prepare): Promise<void> {
  const { state, store } = context
  const make = async () => {
    await prepare()
    if (state.isCleared || state.record.id !== stored.id) throw new NotAnUpdate()
    return recordOf(context)
  }
  try {
    // Hooks may be slow. They run before the update, and inside it only after a conflict.
    const first = stored.known && await make()
    const found = await store.update(stored.key, (record) => {
      if (first && record === stored.known?.record) return first
      rebase(context, stored.id, record)
      return make()
    }, stored.known)
    if (!isAlive(found)) throw new EndedError()
    state.stored = { ...stored, known: found }
  }
  catch (error) {
    if (error instanceof NotAnUpdate) return endId(context, { ...stored, known: undefined }, prepare)
    throw error
  }
  await renewSeal(context)
}

/** Ends the id, because the session is cleared or gets a new one. */
async function endId(context: StoredContext, stored: StoredState, prepare: Prepare): Promise<void> {
  const { env, state, store } = context
  let { known } = stored
  for (let tries = 0; tries < TRIES; tries++) {
    if (!known || isOver(known, env.now())) known = await readAgain(context, stored)
    await prepare()
    const until = env.now() + TOMBSTONE_MS
    if (state.isCleared) return endStored(context, stored.key, until, known?.record.userId)
    if (!known) throw new EndedError()
    const base = known
    // The old id can only be the exception of a raise for its own user.
    const isOfSameUser = state.record.userId !== undefined && state.record.userId === base.record.userId
    state.record.replaces = isOfSameUser ? startOfHandle(stored.key) : undefined
    state.record.lineage = lineageOf(store, stored.key, base.record)
    // A logout with the old id ends the new one too, but not a new login.
    const isSameLogin = !isBinding(state.record) && state.record.userId === base.record.userId
    try {
      return await createStored(context, async (key) => {
        const successor = isSameLogin ? key : undefined
        const outcome = await store.destroy(stored.key, { reason: 'superseded', until, successor, known: base })
        if (outcome === 'dead') throw new EndedError()
        if (outcome === 'changed') throw new Outdated()
      })
    }
    catch (error) {
      if (!(error instanceof Outdated)) throw error
      known = undefined
    }
  }
  throw new SessionError('SESSION_CONFLICT', `the write had a conflict ${TRIES} times. Nothing was written. Try again.`)
}

async function readAgain(context: StoredContext, { id, key }: StoredState): Promise<Alive | undefined> {
  const found = await context.store.get(key)
  if (!isAlive(found) || isOver(found, context.env.now())) return undefined
  rebase(context, id, found.record)
  return found
}

async function endStored(context: StoredContext, key: string, until: number, userId?: string): Promise<void> {
  const { state, store } = context
  if (await store.destroy(key, { reason: 'revoked', until, userId }) !== 'destroyed') {
    const found = await store.get(key)
    state.tombstone = isEnded(found) ? found : { dead: 'revoked' }
  }
  return removeFromClient(context)
}

/** Removes the client's token after the end of the session. With a tombstone, the client may have a newer one. */
async function removeFromClient(context: StoredContext): Promise<void> {
  const { transport, config, state } = context
  state.stored = undefined
  state.migrating = undefined
  if (state.tombstone) return unsend(context)
  // Loaded first, so that both cookies are removed at once.
  const device = hasProofCookie(transport, config.name) ? await loadBinding() : undefined
  if (transport.writeRefusal() !== undefined) return
  await send(context, undefined)
  device?.removeProof(context)
}

function rebase({ state }: StoredContext, id: string, record: SessionRecord): void {
  state.record = toStoredSession(id, record)
  state.isCleared = false
  state.isCommitted = true
}

/** The session has ended. Reads treat this as a rejected token. */
class EndedError extends SessionError {
  constructor() {
    super('SESSION_CONFLICT', 'the session ended during this request: it expired, or it was cleared, revoked or given a new id elsewhere. Nothing was written.')
  }
}
