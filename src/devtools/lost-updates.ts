import { changedKeys } from './bodies'
import type { Overwriting } from './cookie-changes'
import type { TimelineEvent } from './protocol'
import type { Requests } from './requests'

/**
 * The changes of the data that a write or a renewal of the cookie overwrites: its request had read the session before them.
 * Nothing if the data is no longer kept.
 */
export function lostUpdate({ change, earlier }: Overwriting, requests: Requests): Pick<TimelineEvent, 'lost' | 'sameChange'> {
  const { kind, load, read, written } = change
  const writes = kind === 'update' || kind === 'regenerate' ? change.writes : load !== undefined && { first: load, last: load }
  if (!writes || !earlier.writes) return {}
  if (read === undefined || written === undefined || earlier.written === undefined || read === earlier.written) return {}
  const seq = earlier.writes.last
  const other = requests.contentOf(seq)
  const { after } = requests.contentOf(writes.last)
  const before = kind === undefined ? after : requests.contentOf(writes.first).before
  if (!(other.before ?? other.after) || !before || !after) return {}
  const overwritten = new Set(changedKeys(other.after, after).map(nameOf))
  const changed = changedKeys(before, other.after)
  const keys = changed.filter(each => overwritten.has(nameOf(each)))
  const unread = new Set(changedKeys(before, other.before).map(nameOf))
  const same = changed.map(nameOf).filter(key => !overwritten.has(key) && !unread.has(key) && typeof other.after?.[key] === 'number')
  return {
    lost: keys.length > 0 ? { seq, keys } : undefined,
    sameChange: same.length > 0 ? { seq, keys: changed.filter(each => same.includes(nameOf(each))) } : undefined,
  }
}

/** The key of a change, which begins with a sign. */
function nameOf(change: string): string {
  return change.slice(1)
}
