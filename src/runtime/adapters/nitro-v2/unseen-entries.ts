import { useStorage } from 'nitropack/runtime'
import { formatOwners, OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import type { EntryOwner } from '../../core/session/cached-routes/response-cache'
import { completeVary } from '../shared/cache-values'

/** What is added to an entry when it is stored. */
export interface UnseenEntry {
  /** The entry's key. */
  readonly key: string | undefined
  /** Names the handler and its options. */
  readonly integrity: string | undefined
  readonly owners: ReadonlyMap<string, EntryOwner>
  /** The request headers on which it depends. */
  readonly varied: readonly string[]
  /** Whether it must not be kept. */
  readonly isForbidden: boolean
}

/** An entry as Nitro stores it. */
interface Entry {
  integrity?: string
  value?: { headers?: Record<string, unknown> }
}

/**
 * Entries of cached handlers that use no session themselves, but ask another route of the app that does. That route
 * cannot reach the response that the handler fills, so the headers of the entry are added when Nitro stores it.
 */
export class UnseenEntries {
  /** By handler and key. The entry of a handler that fails is garbage collected with its request. */
  private readonly expected = new Map<string, Pick<WeakRef<UnseenEntry>, 'deref'>>()

  expect(entry: UnseenEntry): void {
    if (entry.key === undefined) return
    for (const [name, found] of this.expected) {
      if (!found.deref()) this.expected.delete(name)
    }
    this.expected.set(`${entry.integrity} ${entry.key}`, weakly(entry))
  }

  /** Adds the headers to what is stored from now on. */
  watch(storage = useStorage()): void {
    const { setItem } = storage
    storage.setItem = async (...args: Parameters<typeof setItem>) => {
      const [key, value] = args
      const unseen = this.expected.size > 0 ? this.take(key, value as Entry | null) : undefined
      if (unseen?.isForbidden) return
      if (unseen) describe(value as unknown as Entry, unseen)
      return setItem.apply(storage, args)
    }
  }

  private take(storageKey: string, stored: Entry | null): UnseenEntry | undefined {
    for (const [name, found] of this.expected) {
      const entry = found.deref()
      if (!entry || entry.integrity !== stored?.integrity || !storageKey.endsWith(`:${entry.key}.json`)) continue
      this.expected.delete(name)
      return entry
    }
  }
}

/** Workers with an old compatibility date have no weak references. */
function weakly(entry: UnseenEntry): Pick<WeakRef<UnseenEntry>, 'deref'> {
  return globalThis.WeakRef ? new WeakRef(entry) : { deref: () => entry }
}

function describe(stored: Entry, { owners, varied }: UnseenEntry): void {
  const headers = stored.value?.headers
  if (!headers) return
  const name = Object.keys(headers).find(name => name.toLowerCase() === 'vary') ?? 'vary'
  const vary = varied.length > 0 ? completeVary(headers[name]?.toString(), varied) : undefined
  if (vary !== undefined) headers[name] = vary
  if (owners.size > 0) headers[OWNERS_HEADER] = formatOwners(owners.values())
}
