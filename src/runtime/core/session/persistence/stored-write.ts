import { newId } from '../context'
import type { StoredContext, ActivityKind } from '../context'
import { SessionError } from '../../model/errors'
import { TOMBSTONE_MS } from '../../model/lifetimes'
import { send, unsend } from '../response'
import type { Alive, SessionRecord } from '../../store/store'
import { createStored, recordOf } from './stored-entry'
import { renewSeal } from './stored-renewal'
import { isOver, toStoredSession } from './stored-session'
import { isAlive } from '../../store/record'
import type { StoredState } from './stored-state'

/** Changes the session; `'skip'`: there is nothing to write. It may run again on what others wrote meanwhile. */
type Prepare = () => unknown

const TRIES = 10

/** Thrown inside an update whose session is cleared, or gets a new id: that is no update of its key. */
class NotAnUpdate extends Error {}

/** Thrown where the record is no longer the one that the session was made of. */
class Outdated extends Error {}

/**
 * Makes a change of the session durable in its store, and sends what the client needs to find it there.
 *
 * @throws SESSION_CONFLICT where the session ended meanwhile, or the write lost its race 10 times;
 * SESSION_STORE_UNAVAILABLE, SESSION_NOT_SERIALIZABLE, SESSION_READONLY, SESSION_HEADERS_SENT
 */
export async function writeStored(context: StoredContext, kind: ActivityKind, prepare: Prepare): Promise<unknown> {
  try {
    return await write(context, kind, prepare)
  }
  catch (error) {
    // What an earlier write of this request sent must not overwrite the cookie of a newer session.
    if (error instanceof EndedError) unsend(context)
    throw error
  }
}

async function write(context: StoredContext, kind: ActivityKind, prepare: Prepare): Promise<unknown> {
  const { stored } = context.state
  if (!stored) return writeFirst(context, prepare)
  if (kind === 'clear' || kind === 'regenerate') return endId(context, stored, prepare)
  try {
    return await update(context, stored, prepare)
  }
  catch (error) {
    if (error instanceof NotAnUpdate) return endId(context, { ...stored, known: undefined }, prepare)
    throw error
  }
}

/** The first write of a session that does not lie in the store. */
async function writeFirst(context: StoredContext, prepare: Prepare): Promise<unknown> {
  const { state, store } = context
  const { migrating } = state
  const { id } = state.record
  if (await prepare() === 'skip') return 'skip'
  if (state.isCleared) return migrating ? endStored(context, migrating.key, migrating.until) : removeFromClient(context)
  if (!migrating) return createStored(context, async () => undefined)
  if (state.record.id === id) state.record.id = newId(context)
  return createStored(context, async () => {
    const claim = await store.destroy(migrating.key, { reason: 'superseded', until: migrating.until })
    if (claim !== 'destroyed') throw endedError()
  })
}

async function update(context: StoredContext, stored: StoredState, prepare: Prepare): Promise<void> {
  const { state, store } = context
  const make = async () => {
    await prepare()
    if (state.isCleared || state.record.id !== stored.id) throw new NotAnUpdate()
    return recordOf(context)
  }
  // Hooks may take their time: they run before the write has its turn, and in it only after a conflict.
  const first = stored.known && await make()
  const found = await store.update(stored.key, (record) => {
    if (first && record === stored.known?.record) return first
    rebase(context, stored.id, record)
    return make()
  }, stored.known)
  if (!isAlive(found)) throw endedError()
  state.stored = { ...stored, known: found }
  await renewSeal(context)
}

/** Ends the id: the session is cleared, or goes on under another one. */
async function endId(context: StoredContext, stored: StoredState, prepare: Prepare): Promise<void> {
  const { env, state, store } = context
  let { known } = stored
  for (let tries = 0; tries < TRIES; tries++) {
    if (!known || isOver(known, env.now())) known = await readAgain(context, stored)
    await prepare()
    const until = env.now() + TOMBSTONE_MS
    if (state.isCleared) return endStored(context, stored.key, until)
    if (!known) throw endedError()
    const base = known
    state.record.replaces = state.record.userId === undefined ? undefined : stored.key
    try {
      return await createStored(context, async () => {
        const outcome = await store.destroy(stored.key, { reason: 'superseded', until, known: base })
        if (outcome === 'dead') throw endedError()
        if (outcome === 'changed') throw new Outdated()
      })
    }
    catch (error) {
      if (!(error instanceof Outdated)) throw error
      known = undefined
    }
  }
  throw new SessionError('SESSION_CONFLICT', `other writes came first ${TRIES} times. Nothing was written; try again.`)
}

/** Goes on from what the store has now, if the session has not ended there. */
async function readAgain(context: StoredContext, { id, key }: StoredState): Promise<Alive | undefined> {
  const found = await context.store.get(key)
  if (!isAlive(found) || isOver(found, context.env.now())) return undefined
  rebase(context, id, found.record)
  return found
}

async function endStored(context: StoredContext, key: string, until: number): Promise<void> {
  const { state, store } = context
  if (await store.destroy(key, { reason: 'revoked', until }) === 'dead') {
    const found = await store.get(key)
    state.tombstone = found && 'dead' in found ? found.dead : 'revoked'
  }
  return removeFromClient(context)
}

/** The session is gone from the store; the client forgets its token, unless it may have a newer one by now. */
async function removeFromClient(context: StoredContext): Promise<void> {
  const { transport, state } = context
  state.stored = undefined
  state.migrating = undefined
  if (state.hasTombstone) unsend(context)
  else if (transport.writeRefusal() === undefined) await send(context, undefined)
}

/** Goes on from what lies in the store now. */
function rebase({ state }: StoredContext, id: string, record: SessionRecord): void {
  state.record = toStoredSession(id, record)
  state.isCleared = false
  state.isCommitted = true
}

/** The session is no more; to who only reads it, that is a refusal. */
export class EndedError extends SessionError {}

function endedError(): SessionError {
  return new EndedError('SESSION_CONFLICT',
    'the session ended while this request was at work: it was cleared, revoked or given a new id elsewhere. Nothing was written.')
}
