import { startNew } from './context'
import type { SessionContext, ActivityKind } from './context'
import { andThen, orUndo } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import type { SessionState } from './state'
import { UncertainError } from './persistence/stored-session'
import { persistenceOf } from './persistence/modes'
import type { Prepare } from './persistence/persistence'
import { assertNotNewInCache, assertPrivate } from './cached-routes/private'
import { assertCanSend } from './response'
import type { SessionHookInfo, SessionHookInfos } from '../model/types'
import { SessionError } from '../model/errors'

type WriteHook = 'session:update' | 'session:regenerate'

/**
 * Runs `change`, then the hooks, then commits. A failure restores the session. Writes of one session run in series.
 * Inside a hook, the change belongs to the write of that hook.
 */
export function transact<K extends WriteHook>(
  context: SessionContext,
  change: () => void,
  hook: { name: K, info: () => Omit<SessionHookInfos[K], keyof SessionHookInfo>, isLogin?: boolean },
): MaybePromise<void> {
  const { isLogin = false } = hook
  assertNotReplaced(context, isLogin)
  assertWritable(context)
  if (hook.name === 'session:regenerate') assertCanSend(context)
  const { env, transport, state } = context
  const apply = () => {
    assertNotReplaced(context, isLogin)
    startNewAfterClear(context)
    assertNotNewInCache(context)
    change()
  }
  if (env.scope.isInside(state)) {
    undoOnThrow(state.snapshot(transport), apply)
    state.hookWrites?.push(apply)
    state.isDirty = true
    return
  }
  return enqueue(context, hook.name === 'session:update' ? 'update' : 'regenerate', () => {
    apply()
    return andThen(state.isCommitted ? undefined : callHook(context, 'session:create', {}),
      () => callHook(context, hook.name, hook.info()))
  })
}

/** Ends the session after its hook, in series with its other writes. */
export function transactClear(context: SessionContext): MaybePromise<void> {
  assertClearable(context)
  const { env, state } = context
  const clear = () => {
    startNew(context)
    state.isCleared = true
  }
  if (env.scope.isInside(state)) {
    clear()
    state.hookWrites?.push(clear)
    state.isDirty = true
    return
  }
  return enqueue(context, 'clear', () => andThen(callHook(context, 'session:clear', {}), clear))
}

/** Sends a new session to the client, once, if `saveUninitialized` is on. */
export function initialize(context: SessionContext): MaybePromise<void> {
  const { env, state } = context
  if (isInitializationDue(context) && !env.scope.isInside(state)) return enqueue(context, 'create', () =>
    isInitializationDue(context) ? callHook(context, 'session:create', {}) : 'skip')
}

function isInitializationDue({ transport, config, state }: SessionContext): boolean {
  return config.saveUninitialized && !state.isCommitted && !state.isCleared && !state.hasTombstone && !state.isUnchecked
    && transport.writeRefusal() === undefined
}

/** Commits the session without a change and without hooks. */
export function commitUnchanged(context: SessionContext): MaybePromise<void> {
  return enqueue(context, 'renew', () => undefined)
}

/** Commits the writes of a load or reject hook. */
export async function commitHookWrites(context: SessionContext): Promise<undefined> {
  const { state } = context
  const writes = state.hookWrites ?? []
  state.hookWrites = undefined
  let isDone = true
  await enqueue(context, 'update', () => {
    if (!isDone) for (const write of writes) write()
    isDone = false
  })
}

/** Calls a hook. Its own calls to the session do not wait for it. */
export function callHook<K extends keyof SessionHookInfos>(
  context: SessionContext, name: K, info: Omit<SessionHookInfos[K], keyof SessionHookInfo>,
): MaybePromise<void> {
  const { env, state } = context
  if (!env.hasHook(name)) return
  const complete = { name: state.name, carrier: state.origin, ...info } as SessionHookInfos[K]
  return env.scope.run(state, () => env.callHook(name, context, complete))
}

/** A hook may catch the error of its own write. The session is then unchanged. */
function undoOnThrow(restore: () => void, change: () => void): void {
  try {
    change()
  }
  catch (error) {
    restore()
    throw error
  }
}

function startNewAfterClear(context: SessionContext): void {
  if (context.state.isCleared) startNew(context)
}

// Placeholder for a write that may end synchronously.
const AT_ONCE = Promise.resolve()

/** Runs a write after the earlier ones of the same session. Synchronous if possible. */
function enqueue(context: SessionContext, kind: ActivityKind, prepare: Prepare): MaybePromise<void> {
  const { env, state } = context
  const around = env.scope.around()
  const run = () => runWrite(context, kind, prepare)
  if (state.lastWrite || around.length > 0) return inTurn(state, around, () => state.lastWrite ? state.lastWrite.then(run) : run())
  state.lastWrite = AT_ONCE
  try {
    const write = run()
    return write instanceof Promise ? inTurn(state, around, () => write) : undefined
  }
  finally {
    if (state.lastWrite === AT_ONCE) state.lastWrite = undefined
  }
}

async function inTurn(state: SessionState, around: readonly SessionState[], start: () => MaybePromise<void>): Promise<void> {
  for (const outer of around) outer.waitsFor = [...outer.waitsFor, state]
  const write = Promise.resolve(start())
  // A failure does not stop the queue. Only its own caller gets it.
  const settled = write.catch(() => undefined)
  state.lastWrite = settled
  try {
    await write
  }
  finally {
    if (state.lastWrite === settled) state.lastWrite = undefined
    for (const outer of around) outer.waitsFor = outer.waitsFor.toSpliced(outer.waitsFor.indexOf(state), 1)
  }
}

function runWrite(context: SessionContext, kind: ActivityKind, prepare: Prepare): MaybePromise<void> {
  const { env, transport, state } = context
  if (kind === 'clear') assertClearable(context)
  else assertWritable(context)
  followH3(context)
  const restore = state.snapshot(transport)
  const wasCommitted = state.isCommitted
  const persistence = persistenceOf(context)
  const write = () => kind === 'clear' ? persistence.end(context, prepare) : persistence.commit(context, kind, prepare)
  const done = () => {
    state.isDirty = false
    // The response to a write must not be cached.
    for (const cache of transport.caches()) cache.forbid()
    env.observe?.({ kind: wasCommitted || state.isCleared ? kind : 'create', context })
  }
  // The new id is already sent and stays, even if the old one may not have ended.
  return orUndo(() => andThen(write(), outcome => outcome === 'skip' ? undefined : done()),
    error => error instanceof UncertainError ? done() : restore())
}

/**
 * Asserts that a write is possible. Only a session that is not in a store yet needs a response.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertWritable(context: SessionContext): void {
  assertNotNewInCache(context)
  assertPrivate(context)
  if (!persistenceOf(context).isStored(context)) assertCanSend(context)
}

/**
 * Asserts that `clear()` is possible. A session with a tombstone needs no response.
 * @throws SESSION_READONLY, SESSION_HEADERS_SENT, SESSION_CACHED_ROUTE
 */
export function assertClearable(context: SessionContext): void {
  if (persistenceOf(context).canEndIds && context.state.hasTombstone) assertPrivate(context)
  else assertWritable(context)
}

/**
 * Asserts that the id was not replaced: a write would overwrite the cookie of the newer login. A login is allowed, and
 * starts a new session, since the response with the replaced id may not have reached the browser.
 * @throws SESSION_CONFLICT
 */
export function assertNotReplaced(context: SessionContext, isLogin: boolean): void {
  if (isLogin || !persistenceOf(context).canEndIds || context.state.tombstone !== 'superseded') return
  throw new SessionError('SESSION_CONFLICT',
    'the id of this request\'s session was replaced by a new one, at a login or by regenerate(). Nothing was written. The next request has the new id; regenerate({ userId }) logs in anew.')
}
