import { REVOCATION_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { decode, encodeTombstone, isAlive, isEnded, isNothing } from './record'
import type { Ended, Found, SessionRecord, SessionStore, TombstoneReason } from './store'

/**
 * Returns the lineage of a session: the handle of its first id, which each new id inherits. Until a tombstone arrives in
 * another location, that location may give the ended session new ids. So a revocation also ends the lineage.
 * `undefined` on a strongly consistent driver, which needs none.
 */
export function lineageOf({ consistency }: Pick<SessionStore, 'consistency'>, handle: string, record?: Pick<SessionRecord, 'lineage'>): string | undefined {
  return consistency === 'strong' ? undefined : record?.lineage ?? handle
}

/** The lineage in a record or a tombstone, else `fallback`. */
export function lineageIn(found: Found, fallback: string): string {
  const source = isAlive(found) ? found.record : found
  return source !== undefined && 'lineage' in source ? source.lineage ?? fallback : fallback
}

/** The end of the session's lineage; `undefined` if it has not ended. */
export function endOfLineage(parts: StoreParts, deadline: Deadline, handle: string, record: SessionRecord): MaybePromise<Ended | undefined> {
  const lineage = lineageOf(parts, handle, record)
  if (lineage === undefined) return undefined
  return andThen(parts.backend.get(deadline, parts.keys.lineage(lineage)), raw => isNothing(raw) ? undefined : { dead: reasonIn(decode(raw)) })
}

/** Ends the session under all its ids, also those that other locations may give it until they read this. */
export async function endLineage(
  { backend, consistency, context, keys }: StoreParts, deadline: Deadline, lineage: string, reason: TombstoneReason,
): Promise<void> {
  if (consistency === 'strong') return
  const until = context.env.now() + REVOCATION_MS
  const end = { text: encodeTombstone({ reason, until }), until, isEnding: true }
  await backend.compareAndSet(deadline, keys.lineage(lineage), undefined, end)
}

/** A damaged value ends it too. */
function reasonIn(end: Found): TombstoneReason {
  return isEnded(end) ? end.dead : 'revoked'
}
