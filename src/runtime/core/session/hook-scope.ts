import type { MaybePromise } from '../utils/maybe-promise'

/** A session, with what its running hooks wait for. */
export interface HookedSession { waitsFor: readonly HookWait[] }

/** Tracks whether code runs inside a hook of a session. Calls there must not wait for the hook to end. */
export interface HookScope {
  run: (state: HookedSession, hook: () => Promise<unknown>) => Promise<void>
  /** Also true if a hook of `state` waits for the current one, as with two hooks that write each other's session. */
  isInside: (state: HookedSession) => boolean
  /** The running hooks around the caller, innermost first. */
  around: () => readonly RunningHook[]
}

/** A hook that has not ended. What it started without awaiting may outlive it. */
export interface RunningHook { readonly state: HookedSession, isOver: boolean }

/** A hook waits for a session: for its load, or for a write. */
export interface HookWait { readonly hook: RunningHook, readonly session: HookedSession }

interface Frame extends RunningHook { outer: Frame | undefined }

/** The used part of Node's AsyncLocalStorage. */
export interface AsyncStorage<T> {
  getStore: () => T | undefined
  run: <R>(store: T, callback: () => R) => R
  /** Until the next `run`. Throws on Cloudflare Workers. */
  disable: () => void
}

/**
 * Creates the scope. Without asynchronous context in the runtime, every call counts as inside while a hook of its
 * session runs. This avoids deadlocks, but a parallel call may see a session before its `session:load` hook has ended.
 */
export function createHookScope(storage: AsyncStorage<unknown> | undefined): HookScope {
  return storage ? asyncScope(storage as AsyncStorage<Frame>) : runningScope()
}

function asyncScope(storage: AsyncStorage<Frame>): HookScope {
  let running = 0
  const around = () => {
    const hooks: Frame[] = []
    for (let frame = storage.getStore(); frame; frame = frame.outer) if (!frame.isOver) hooks.push(frame)
    return hooks
  }
  return {
    async run(state, hook) {
      const frame: Frame = { state, isOver: false, outer: around()[0] }
      running++
      try {
        await storage.run(frame, hook)
      }
      finally {
        // Calls that the hook started but did not await are outside from now on.
        frame.isOver = true
        // Before Node 24, every promise of the process is slower while a storage is in use. This one ends for all running hooks.
        try {
          if (--running === 0) storage.disable()
        }
        catch {
          // It stays in use.
        }
      }
    },
    isInside: state => around().some(outer => outer.state === state || isWaiting(state, outer.state)),
    around,
  }
}

function isWaiting(state: HookedSession, outer: HookedSession): boolean {
  return state.waitsFor.some(({ hook, session }) => !hook.isOver && (session === outer || isWaiting(session, outer)))
}

/** Starts what the hooks around the caller wait for, and notes that until it has settled. */
export async function noteWait(hooks: readonly RunningHook[], session: HookedSession, start: () => MaybePromise<void>): Promise<void> {
  const waits = hooks.map((hook): HookWait => ({ hook, session }))
  for (const wait of waits) wait.hook.state.waitsFor = [...wait.hook.state.waitsFor, wait]
  try {
    await start()
  }
  finally {
    for (const wait of waits) wait.hook.state.waitsFor = wait.hook.state.waitsFor.filter(each => each !== wait)
  }
}

function runningScope(): HookScope {
  const running: HookedSession[] = []
  return {
    async run(state, hook) {
      running.push(state)
      try {
        await hook()
      }
      finally {
        running.splice(running.indexOf(state), 1)
      }
    },
    isInside: state => running.includes(state),
    around: () => [],
  }
}
