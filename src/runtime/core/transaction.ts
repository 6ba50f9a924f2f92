import { commit } from './commit'
import { begin } from './context'
import type { SessionContext } from './context'
import { SessionError } from './errors'
import type { HappeningKind } from './observer'
import { followShared } from './shared'
import { assertWritable } from './writable'
import type { SessionHookInfo, SessionHookInfos } from './types'

type WriteHook = 'session:update' | 'session:regenerate'

/**
 * Runs `change` on the session, then the hooks, then commits: all of it or nothing. Writes of one session
 * follow each other. Inside a hook the change is part of the write that the hook belongs to.
 */
export async function transact<K extends WriteHook>(
  context: SessionContext,
  change: () => void,
  hook: { name: K, info: () => Omit<SessionHookInfos[K], keyof SessionHookInfo> },
): Promise<void> {
  assertWritable(context)
  const { env, carrier, state } = context
  const apply = () => {
    beginAgainAfterClear(context)
    change()
  }
  if (env.scope.isInside(state)) {
    undoOnThrow(state.snapshot(carrier), apply)
    state.isDirty = true
    return
  }
  await enqueue(context, hook.name === 'session:update' ? 'update' : 'regenerate', async () => {
    apply()
    if (!state.isCommitted) await callHook(context, 'session:create', {})
    await callHook(context, hook.name, hook.info())
  })
}

/** Removes the session, after its hook and in turn with its other writes. */
export async function transactClear(context: SessionContext): Promise<void> {
  assertWritable(context)
  const { env, state } = context
  const clear = () => {
    begin(context)
    state.isCleared = true
  }
  if (env.scope.isInside(state)) {
    clear()
    state.isDirty = true
    return
  }
  await enqueue(context, 'clear', async () => {
    await callHook(context, 'session:clear', {})
    clear()
  })
}

/** Sends a session that the client does not have yet, once. */
export async function initialize(context: SessionContext): Promise<void> {
  const { env, state, config, carrier } = context
  const isDue = () => config.saveUninitialized && !state.isCommitted && !state.isCleared && !state.isSilent
    && carrier.writeRefusal() === undefined
  if (!isDue() || env.scope.isInside(state)) return
  await enqueue(context, 'create', async () => {
    if (!isDue()) return 'skip'
    await callHook(context, 'session:create', {})
    return undefined
  })
}

/** Commits the session as it stands, without hooks: for its idle time, or its seal. A read never fails by it. */
export async function renew(context: SessionContext): Promise<void> {
  try {
    await enqueue(context, 'renew', async () => undefined)
  }
  catch (error) {
    if (!(error instanceof SessionError && error.code === 'SESSION_TOO_LARGE')) throw error
    context.env.warnOnce(`The session "${context.config.name}" could not be renewed: it is larger than cookie.maxBytes allows now.`)
  }
}

/** Commits what a hook wrote that belongs to no other write. */
export async function commitHookWrites(context: SessionContext): Promise<void> {
  await enqueue(context, 'update', async () => undefined)
}

/** Calls a hook with the session; calls of the hook to the same session do not wait for it. */
export async function callHook<K extends keyof SessionHookInfos>(
  context: SessionContext, name: K, info: Omit<SessionHookInfos[K], keyof SessionHookInfo>,
): Promise<void> {
  const { env, state } = context
  const complete = { name: state.name, carrier: state.origin, ...info } as SessionHookInfos[K]
  await env.scope.run(state, () => env.callHook(name, context, complete))
}

/** A hook that catches the error of its own write goes on with the session as it was. */
function undoOnThrow(restore: () => void, change: () => void): void {
  try {
    change()
  }
  catch (error) {
    restore()
    throw error
  }
}

function beginAgainAfterClear(context: SessionContext): void {
  if (context.state.isCleared) begin(context)
}

async function enqueue(context: SessionContext, kind: HappeningKind, prepare: () => Promise<unknown>): Promise<void> {
  const { env, carrier, state } = context
  const write = state.lastWrite.then(async () => {
    assertWritable(context)
    followShared(context)
    const restore = state.snapshot(carrier)
    try {
      if (await prepare() === 'skip') return
      const wasCommitted = state.isCommitted
      await commit(context)
      state.isDirty = false
      env.observe?.({ kind: wasCommitted || state.isCleared ? kind : 'create', context })
    }
    catch (error) {
      restore()
      throw error
    }
  })
  // The queue goes on after a failure; the failure belongs to its own caller.
  state.lastWrite = write.catch(() => undefined)
  const around = env.scope.around()
  for (const outer of around) outer.waitsFor.push(state)
  try {
    await write
  }
  finally {
    for (const outer of around) outer.waitsFor.splice(outer.waitsFor.indexOf(state), 1)
  }
}
