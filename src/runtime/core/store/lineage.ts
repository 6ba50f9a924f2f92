import { REVOCATION_MS } from '../model/lifetimes'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'
import type { StoreParts } from './backend'
import type { Deadline } from './deadline'
import { encodeTombstone, isAlive, isNothing } from './record'
import type { Found, SessionRecord, SessionStore } from './store'

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

/** Whether the session's lineage has ended. */
export function hasEndedLineage(parts: StoreParts, deadline: Deadline, handle: string, record: SessionRecord): MaybePromise<boolean> {
  const lineage = lineageOf(parts, handle, record)
  return lineage !== undefined && andThen(parts.backend.get(deadline, parts.keys.lineage(lineage)), end => !isNothing(end))
}

/** Ends the session under all its ids, also those that other locations may give it until they read this. */
export async function endLineage({ backend, consistency, context, keys }: StoreParts, deadline: Deadline, lineage: string): Promise<void> {
  if (consistency === 'strong') return
  const until = context.env.now() + REVOCATION_MS
  const end = { text: encodeTombstone({ reason: 'revoked', until }), until, isEnding: true }
  await backend.compareAndSet(deadline, keys.lineage(lineage), undefined, end)
}
