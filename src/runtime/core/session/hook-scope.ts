import type { SessionState } from './state'

/** Tracks whether code runs inside a hook of a session. Calls there must not wait for the hook to end. */
export interface HookScope {
  run: (state: SessionState, hook: () => Promise<unknown>) => Promise<void>
  /** Also true if a hook of `state` waits for the current one, as with two hooks that write each other's session. */
  isInside: (state: SessionState) => boolean
  /** Sessions whose hooks the caller runs in, innermost first. */
  around: () => SessionState[]
}

interface Frame { state: SessionState, isOver: boolean, outer: Frame | undefined }

/** The used part of Node's AsyncLocalStorage. */
export interface AsyncStorage<T> {
  getStore: () => T | undefined
  run: <R>(store: T, callback: () => R) => R
}

/**
 * Creates the scope. Without asynchronous context in the runtime, every call counts as inside while a hook of its
 * session runs. This avoids deadlocks, but a parallel call may see a session before its `session:load` hook has ended.
 */
export function createHookScope(storage: AsyncStorage<unknown> | undefined): HookScope {
  return storage ? asyncScope(storage as AsyncStorage<Frame>) : countingScope()
}

function asyncScope(storage: AsyncStorage<Frame>): HookScope {
  return {
    async run(state, hook) {
      const frame: Frame = { state, isOver: false, outer: storage.getStore() }
      try {
        await storage.run(frame, hook)
      }
      finally {
        // Calls that the hook started but did not await are outside from now on.
        frame.isOver = true
      }
    },
    isInside: state => statesOf(storage.getStore()).some(outer => outer === state || isWaiting(state, outer)),
    around: () => statesOf(storage.getStore()),
  }
}

function statesOf(frame: Frame | undefined): SessionState[] {
  if (!frame) return []
  return frame.isOver ? statesOf(frame.outer) : [frame.state, ...statesOf(frame.outer)]
}

function isWaiting(state: SessionState, outer: SessionState): boolean {
  return state.waitsFor.some(next => next === outer || isWaiting(next, outer))
}

function countingScope(): HookScope {
  const running = new Map<SessionState, number>()
  return {
    async run(state, hook) {
      running.set(state, (running.get(state) ?? 0) + 1)
      try {
        await hook()
      }
      finally {
        const left = running.get(state)! - 1
        if (left > 0) running.set(state, left)
        else running.delete(state)
      }
    },
    isInside: state => running.has(state),
    around: () => [],
  }
}
