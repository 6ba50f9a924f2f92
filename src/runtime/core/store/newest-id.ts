import { SessionError } from '../model/errors'
import { withDeadline } from './deadline'
import type { Deadline } from './deadline'
import type { StoreParts } from './backend'
import { isHandle } from './keys'
import { decode, isEnded, textOf, withSuccessor } from './record'

// Shorter ways are not worth their writes.
const MAX_STEPS = 8
// A bound for the memory of a very long way.
const MAX_PASSED = 1000

/** The tombstones on a way, as the driver returns them, by handle. */
type Passed = Map<string, unknown>

/**
 * Returns the handle of a session's newest id, by the tombstones of the earlier ones; the handle itself if it was not
 * replaced. There is no limit, because whoever made more new ids would escape a logout. Instead, a long way is shortened
 * after it: its tombstones then name the newest id, so a session pays for each new id only once. Drivers that may read
 * an item half written cannot shorten it.
 * @throws SESSION_STORE_UNAVAILABLE if the tombstones lead around in a circle, which only a damaged store has
 */
export async function newestHandle(parts: StoreParts, deadline: Deadline, handle: string): Promise<string> {
  const { backend, keys } = parts
  let passed: Passed = new Map()
  let newest = handle
  let earlier = handle
  for (let steps = 1; ; steps++) {
    const raw = await backend.get(deadline, keys.session(newest))
    const found = decode(raw)
    const successor = isEnded(found) ? found.successor : undefined
    if (successor === undefined || !isHandle(successor)) break
    if (successor === earlier) throw new SessionError('SESSION_STORE_UNAVAILABLE', 'the tombstones of a session\'s ids name each other. The store is damaged.')
    // In a circle, one of these is met again: the steps between them double.
    if ((steps & (steps - 1)) === 0) earlier = successor
    passed.set(newest, raw)
    newest = successor
    deadline.renew()
    if (passed.size < MAX_PASSED) continue
    void shorten(parts, passed, newest)
    passed = new Map()
  }
  // Nobody waits for it.
  if (passed.size > MAX_STEPS) void shorten(parts, passed, newest)
  return newest
}

/**
 * Lets the tombstones name this id, unless a request in parallel does so. All else in them stays, also their end. If it
 * fails, the next call goes the same way.
 */
async function shorten({ backend, context, keys, shortening }: StoreParts, passed: Passed, newest: string): Promise<void> {
  if (shortening.has(newest)) return
  shortening.add(newest)
  try {
    for (const [handle, raw] of passed) {
      const tombstone = withSuccessor(raw, newest)
      if (tombstone === undefined) continue
      const replace = (deadline: Deadline) => {
        const [key, expected] = [keys.session(handle), textOf(raw)]
        return backend.replaceTombstone ? backend.replaceTombstone(deadline, key, expected, tombstone) : backend.compareAndSet(deadline, key, expected, tombstone)
      }
      await withDeadline(context, replace, { isWrite: true })
    }
  }
  catch {
    // The tombstones before it name an id that leads to the same one.
  }
  finally {
    shortening.delete(newest)
  }
}
