import type { SessionState } from './state'

/** Tells whether code runs inside a hook of a session: there, its calls must not wait for the hook to end. */
export interface HookScope {
  run: (state: SessionState, hook: () => Promise<unknown>) => Promise<void>
  /** Also of a session whose hook waits for the one that runs: two hooks that write each other's session. */
  isInside: (state: SessionState) => boolean
  /** Sessions whose hooks the caller runs in. */
  around: () => SessionState[]
}

interface Frame { state: SessionState, isOver: boolean, outer: Frame | undefined }

/** What we need of Node's AsyncLocalStorage. */
export interface AsyncStorage<T> {
  getStore: () => T | undefined
  run: <R>(store: T, callback: () => R) => R
}

/**
 * Follows hooks through their asynchronous calls where the runtime can. Where it cannot, every call counts as
 * inside while a hook of its session runs: nothing waits for ever, but a parallel call may see a session whose
 * `session:load` hook has not answered yet.
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
        // What the hook started and did not await is outside from now on.
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
