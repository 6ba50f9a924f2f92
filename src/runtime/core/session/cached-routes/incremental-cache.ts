import type { CachedRequest, EntryOwner, ResponseCache } from './response-cache'

/** The cache of an `isr` rule: the platform's, which keeps a response by its path alone. */
export class IncrementalCache implements ResponseCache {
  readonly known = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()

  constructor(readonly came: CachedRequest) {}

  isSharedWith() { return true }
  vary() {}
  keepFor() {}
  forbid() {}
}
