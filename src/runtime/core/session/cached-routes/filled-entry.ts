import { sessionKey } from './response-cache'
import type { EntryOwner } from './response-cache'

/** The entry that a running handler fills, in the cache of its {@link ResponseCache}. */
export abstract class FilledEntry {
  readonly checked = new Map<string, boolean>()
  readonly owners = new Map<string, EntryOwner>()
  protected isForbidden = false

  /** Writes the headers of the response that becomes the entry. */
  abstract describe(): void

  addOwner(owner: EntryOwner): void {
    this.owners.set(sessionKey(owner.header, owner.name), owner)
    this.describe()
  }

  forbid(): void {
    this.isForbidden = true
    this.describe()
  }
}
