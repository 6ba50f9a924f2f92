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
  /** Until the next `run`. Not in every runtime. */
  disable?: () => void
}

/**
 * Creates the scope. Without asynchronous context in the runtime, every call counts as inside while a hook of its
 * session runs. This avoids deadlocks, but a parallel call may see a session before its `session:load` hook has ended.
 */
export function createHookScope(storage: AsyncStorage<unknown> | undefined): HookScope {
  return storage ? asyncScope(storage as AsyncStorage<Frame>) : runningScope()
}

function asyncScope(storage: AsyncStorage<Frame>): HookScope {
  const around = () => statesOf(storage.getStore())
  let running = 0
  return {
    async run(state, hook) {
      const frame: Frame = { state, isOver: false, outer: storage.getStore() }
      running++
      try {
        await storage.run(frame, hook)
      }
      finally {
        // Calls that the hook started but did not await are outside from now on.
        frame.isOver = true
        // Before Node 24, every promise of the process is slower while a storage is in use. This one ends for all running hooks.
        if (--running === 0) storage.disable?.()
      }
    },
    isInside: state => around().some(outer => outer === state || isWaiting(state, outer)),
    around,
  }
}

function statesOf(frame: Frame | undefined): SessionState[] {
  if (!frame) return []
  return frame.isOver ? statesOf(frame.outer) : [frame.state, ...statesOf(frame.outer)]
}

function isWaiting(state: SessionState, outer: SessionState): boolean {
  return state.waitsFor.some(next => next === outer || isWaiting(next, outer))
}

function runningScope(): HookScope {
  const running: SessionState[] = []
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
