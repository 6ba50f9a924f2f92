import type { MaybePromise } from '../utils/maybe-promise'

/** A session, with what its running hooks wait for. */
export interface HookedSession { waitsFor: readonly HookWait[] }

/** Tracks whether code runs inside a hook of a session. Calls there must not wait for the hook to end. */
export interface HookScope {
  run: (session: HookedSession, hook: () => Promise<unknown>) => Promise<void>
  /** Also true if a hook of `session` waits for the current one, as with two hooks that write each other's session. */
  isInside: (session: HookedSession) => boolean
  /**
   * Starts what a caller inside a hook waits for, and notes until its end that the hooks around it wait for `session`.
   * @returns undefined outside all hooks, where it starts nothing
   */
  wait: (session: HookedSession, start: () => MaybePromise<void>) => Promise<void> | undefined
}

/** A hook that has started. What it did not await may outlive it. */
interface Frame { readonly session: HookedSession, isOver: boolean, readonly outer: Frame | undefined }

/** A hook waits for a session: for its load, or for a write. */
export interface HookWait { readonly hook: Frame, readonly session: HookedSession }

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
  // Innermost first.
  const around = () => {
    const hooks: Frame[] = []
    for (let frame = storage.getStore(); frame; frame = frame.outer) if (!frame.isOver) hooks.push(frame)
    return hooks
  }
  return {
    async run(session, hook) {
      const frame: Frame = { session, isOver: false, outer: around()[0] }
      running++
      try {
        await storage.run(frame, hook)
      }
      finally {
        // Calls that the hook started but did not await are outside from now on.
        frame.isOver = true
        // Before Node 24, every promise of the process is slower while a storage is in use. With no hook running, nobody needs it.
        try {
          if (--running === 0) storage.disable()
        }
        catch {
          // On Cloudflare Workers, it stays in use.
        }
      }
    },
    isInside: session => around().some(outer => outer.session === session || isWaiting(session, outer.session)),
    wait(session, start) {
      const hooks = around()
      return hooks.length > 0 ? noteWait(hooks, session, start) : undefined
    },
  }
}

function isWaiting(session: HookedSession, outer: HookedSession): boolean {
  return session.waitsFor.some(wait => !wait.hook.isOver && (wait.session === outer || isWaiting(wait.session, outer)))
}

async function noteWait(hooks: readonly Frame[], session: HookedSession, start: () => MaybePromise<void>): Promise<void> {
  const waits = hooks.map((hook): HookWait => ({ hook, session }))
  for (const wait of waits) wait.hook.session.waitsFor = [...wait.hook.session.waitsFor, wait]
  try {
    await start()
  }
  finally {
    for (const wait of waits) wait.hook.session.waitsFor = wait.hook.session.waitsFor.filter(each => each !== wait)
  }
}

function runningScope(): HookScope {
  const running: HookedSession[] = []
  return {
    async run(session, hook) {
      running.push(session)
      try {
        await hook()
      }
      finally {
        running.splice(running.indexOf(session), 1)
      }
    },
    isInside: session => running.includes(session),
    wait: () => undefined,
  }
}
