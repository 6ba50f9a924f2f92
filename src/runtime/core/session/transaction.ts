import { startCleared, startNew } from './context'
import type { ActivityKind, Prepare, SessionContext } from './context'
import { andThen, orUndo } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import type { SessionState } from './state'
import { assertNotNewInCache, assertPrivate } from './cached-routes/private'
import { assertCanSend } from './response'
import type { SessionHookInfo, SessionHookInfos } from '../model/types'

type HookDetails<K extends keyof SessionHookInfos> = Omit<SessionHookInfos[K], keyof SessionHookInfo>

export interface Write {
  change: () => void
  /** What the hook gets, after the change. */
  details?: () => HookDetails<'session:regenerate'>
}

/**
 * Runs a change, then the hooks, then commits; a failure restores the session. Writes of one session run in series, in
 * the order of these calls, even if the code of one is not loaded yet. Inside a hook, the change belongs to the write of
 * that hook.
 */
export function transact(context: SessionContext, kind: 'update' | 'regenerate', write: MaybePromise<Write>, isLogin = false): MaybePromise<void> {
  const { env, state } = context
  const trace = env.trace?.()
  orReport(context, trace, () => {
    context.persistence.assertNotReplaced?.(context, isLogin)
    assertWritable(context)
    if (kind === 'regenerate') assertCanSend(context)
  })
  const apply = ({ change }: Write) => {
    context.persistence.assertNotReplaced?.(context, isLogin)
    if (state.isCleared) startNew(context)
    assertNotNewInCache(context)
    change()
  }
  if (env.scope?.isInside(state))
    return write instanceof Promise ? write.then(loaded => transact(context, kind, loaded, isLogin)) : applyInHook(context, () => apply(write))
  return enqueue(context, kind, () => andThen(write, (loaded) => {
    apply(loaded)
    return andThen(state.isCommitted ? undefined : callHook(context, 'session:create', {}),
      () => callHook(context, `session:${kind}`, loaded.details?.() ?? {}))
  }), trace)
}

/** Removes the session and its cookie, after its hook and in series with its other writes. */
export function clear(context: SessionContext): MaybePromise<void> {
  const { env, state } = context
  const trace = env.trace?.()
  orReport(context, trace, () => assertClearable(context))
  const apply = () => startCleared(context)
  if (env.scope?.isInside(state)) return applyInHook(context, apply)
  return enqueue(context, 'clear', () => andThen(callHook(context, 'session:clear', clearDetails(context)), apply), trace)
}

function clearDetails({ env, state: { record, isCleared } }: SessionContext): HookDetails<'session:clear'> {
  return { reason: 'clear', handle: isCleared ? undefined : env.hash(record.id), userId: record.userId }
}

/** Applies a change inside a hook. The hook may catch the error of a failed change. The session is then unchanged. */
function applyInHook({ transport, state }: SessionContext, apply: () => void): void {
  void orUndo(state, apply, state.snapshot(transport))
  state.hookWrites?.push(apply)
  state.isDirty = true
}

/** Sends a new session to the client, once, if `saveUninitialized` is on. */
export function initialize(context: SessionContext): MaybePromise<void> {
  const { env, state } = context
  if (isInitializationDue(context) && !env.scope?.isInside(state)) return enqueue(context, 'create', prepareInitial.bind(undefined, context))
}

function prepareInitial(context: SessionContext): MaybePromise<unknown> {
  return isInitializationDue(context) ? callHook(context, 'session:create', {}) : 'skip'
}

function isInitializationDue({ transport, config, state }: SessionContext): boolean {
  return config.saveUninitialized && !state.isCommitted && !state.isCleared && !state.tombstone && !state.unchecked
    && transport.writeRefusal() === undefined
}

/** Commits the writes of a `session:load` hook, if any, and the renewal of the idle time or the seal. */
export async function commitHookWrites(context: SessionContext, kind: 'update' | 'renew' = 'update'): Promise<undefined> {
  const { state } = context
  const writes = state.hookWrites ?? []
  state.hookWrites = undefined
  let isFirstTry = true
  await enqueue(context, kind, () => {
    if (!isFirstTry) for (const write of writes) write()
    isFirstTry = false
  })
}

/** Calls a hook. Its own calls to the session do not wait for it. */
export function callHook<K extends keyof SessionHookInfos>(context: SessionContext, name: K, details: HookDetails<K>): MaybePromise<void> {
  const { env, state } = context
  if (!env.hasHook(name)) return
  const complete = { name: state.name, transport: state.transport, ...details } as SessionHookInfos[K]
  return andThen(env.scope ?? env.loadScope(), scope => scope.run(state, () => env.callHook(name, context, complete)))
}

// Placeholder for a write that may end synchronously.
const AT_ONCE = Promise.resolve()

/** Runs a write after the earlier ones of the same session, and then the hooks of sessions that it ended. */
function enqueue(context: SessionContext, kind: ActivityKind, prepare: Prepare, trace?: string): MaybePromise<void> {
  const write = runInTurn(context, kind, prepare, trace)
  const { callEndedHooks } = context.persistence
  return callEndedHooks ? andThen(write, () => callEndedHooks(context, trace)) : write
}

/** Synchronous if possible. */
function runInTurn(context: SessionContext, kind: ActivityKind, prepare: Prepare, trace?: string): MaybePromise<void> {
  const { env, state } = context
  const run = () => runWrite(context, kind, prepare, trace)
  const waiting = env.scope?.wait(state, () => inTurn(state, () => state.lastWrite ? state.lastWrite.then(run) : run()))
  if (waiting) return waiting
  if (state.lastWrite) return inTurn(state, () => state.lastWrite!.then(run))
  state.lastWrite = AT_ONCE
  try {
    const write = run()
    return write instanceof Promise ? inTurn(state, () => write) : undefined
  }
  finally {
    if (state.lastWrite === AT_ONCE) state.lastWrite = undefined
  }
}

async function inTurn(state: SessionState, start: () => MaybePromise<void>): Promise<void> {
  const write = Promise.resolve(start())
  // A failure does not stop the queue. Only its own caller gets it.
  const settled = write.catch(() => undefined)
  state.lastWrite = settled
  try {
    await write
  }
  finally {
    if (state.lastWrite === settled) state.lastWrite = undefined
  }
}

function runWrite(context: SessionContext, kind: ActivityKind, prepare: Prepare, trace: string | undefined): MaybePromise<void> {
  const { env, transport, config, state, persistence } = context
  orReport(context, trace, () => kind === 'clear' ? assertClearable(context) : assertWritable(context))
  followH3(context)
  const restore = state.snapshot(transport)
  const wasCommitted = state.isCommitted
  const done = () => {
    state.isDirty = false
    env.development?.watchData(context)
    // The response to a write must not be cached.
    for (const cache of transport.caches()) cache.forbid()
    if (state.isCleared && config.preset === 'strict' && transport.writeRefusal() === undefined) transport.clearBrowserCache()
    env.observe?.({ kind: wasCommitted || state.isCleared ? kind : 'create', context, trace })
  }
  return orUndo(context, () => andThen(persistence.commit(context, kind, prepare), outcome => outcome === 'skip' ? undefined : done()), (_, error) => {
    const data = trace === undefined ? undefined : { ...state.record.data }
    // The new id is already sent and stays, even if the old one may not have ended.
    if (persistence.isUncertain(error)) done()
    else restore()
    // The failure of a renewal is not the app's.
    if (trace !== undefined) env.observe?.({ kind: 'fail', context, error, trace, data })
  })
}

/** Reports a refused write to the DevTools, because the app may catch the error. One inside a hook is only reported if it fails the hook. */
function orReport(context: SessionContext, trace: string | undefined, assert: () => void): void {
  try {
    assert()
  }
  catch (error) {
    const { env, state } = context
    if (trace !== undefined && !env.scope?.isInside(state)) env.observe?.({ kind: 'fail', context, error, trace })
    throw error
  }
}

/** Only a session that is not in a store yet needs a response. Throws as {@link assertCanSend}. */
function assertWritable(context: SessionContext): void {
  assertNotNewInCache(context)
  assertPrivate(context)
  if (!context.persistence.isStored(context)) assertCanSend(context)
}

/** As {@link assertWritable}, for `clear()`. A session with a tombstone needs no response. */
function assertClearable(context: SessionContext): void {
  if (context.persistence.canEndIds && context.state.tombstone) assertPrivate(context)
  else assertWritable(context)
}
