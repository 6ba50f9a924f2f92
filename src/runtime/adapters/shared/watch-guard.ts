import { isSocket } from './event'
import type { SessionEvent } from './event'
import { GUARDS } from './guards'
import type { Guarded, RequestGuards } from './guards'

/** A check that must end before the response. `onForgotten` is called if the route did not await it. */
interface Guard { event: SessionEvent, checking: Promise<unknown>, onForgotten: () => void }

class Guards extends Set<Guard> implements RequestGuards {
  settle(event?: SessionEvent): Promise<unknown> | undefined {
    const forgotten = [...this].filter(guard => event === undefined || guard.event === event)
    for (const guard of forgotten) {
      guard.onForgotten()
      // An error's own response must not fail again.
      this.delete(guard)
    }
    return forgotten.length > 0 ? Promise.all(forgotten.map(({ checking }) => checking)) : undefined
  }
}

/** A promise that reports its use, by `await`, `then`, `catch` or as the handler's result. */
class WatchedPromise<T> extends Promise<T> {
  static override get [Symbol.species]() { return Promise }
  declare onUse: (() => void) | undefined

  override then<A = T, B = never>(onDone?: ((value: T) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.onUse?.()
    return super.then(onDone, onError)
  }
}

/** Makes the response fail if `checking` fails and the route forgot to await it. */
export function watchGuard<T>(event: SessionEvent, checking: Promise<T>, onForgotten: () => void): Promise<T> {
  const context = event.context as Guarded<Guards>
  // A socket has no response that could fail, and its context lives for all its messages.
  if (!context || isSocket(event)) return checking
  const guard = { event, checking, onForgotten }
  const guards = context[GUARDS] ??= new Guards()
  guards.add(guard)
  const watched = new WatchedPromise<T>(resolve => resolve(checking))
  // The response fails instead of the process, as with an unhandled rejection.
  watched.catch(() => undefined)
  watched.onUse = () => guards.delete(guard)
  return watched
}
