import type { MaybePromise } from '../utils/maybe-promise'
import type { Deadline } from './deadline'
import type { SessionRecord } from './store'

export interface HandlePage {
  handles: string[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

/**
 * Lists all sessions and those of a user. It may contain ended sessions but never misses a live one: entries are added
 * before the record is written and removed after it.
 */
export interface SessionIndex {
  /** Called before `next` is written over `before`. */
  add: (deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord) => MaybePromise<void>
  /** Called after the session was bound to another user. */
  removeFromUser: (deadline: Deadline, handle: string, userId: string) => MaybePromise<void>
  /** Called after the session has ended. */
  remove: (deadline: Deadline, handle: string, userId: string | undefined) => MaybePromise<void>
  page: (deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number) => MaybePromise<HandlePage>
  /** Counts the sessions of all users. */
  count: (deadline: Deadline) => MaybePromise<number>
  sweep: (deadline: Deadline, limit: number) => MaybePromise<void>
}

/** Whether this write binds the session to another user. */
export function isNewlyBound(next: SessionRecord, before: SessionRecord | undefined): boolean {
  return next.userId !== undefined && next.userId !== before?.userId
}

/** Selects the first `limit` handles after `cursor`, in order. Its memory is a small multiple of `limit`. */
export class FirstHandles {
  private handles: string[] = []
  private last: string | undefined
  private isCut = false

  constructor(private readonly cursor: string | undefined, private readonly limit: number) {}

  add(handle: string): void {
    if (this.cursor !== undefined && handle <= this.cursor) return
    if (this.last !== undefined && handle > this.last) return
    this.handles.push(handle)
    if (this.handles.length > 4 * this.limit) this.cut()
  }

  page(): HandlePage {
    this.cut()
    return { handles: this.handles, cursor: this.isCut ? this.handles.at(-1) : undefined }
  }

  private cut(): void {
    this.handles.sort()
    if (this.handles.length <= this.limit) return
    this.handles.length = this.limit
    this.last = this.handles.at(-1)
    this.isCut = true
  }
}
