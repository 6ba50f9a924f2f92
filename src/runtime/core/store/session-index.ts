import type { MaybePromise } from '../utils/maybe-promise'
import type { Operation } from './deadline'
import type { SessionRecord } from './store'

export interface HandlePage {
  handles: string[]
  /** `undefined` on the last page. */
  cursor: string | undefined
}

/**
 * Which sessions there are, and which a user has. It may name sessions that are no more, never miss one that is
 * there: entries are made before the record and taken away after it.
 */
export interface SessionIndex {
  /** Before a record is written over `before`. */
  enter: (operation: Operation, handle: string, next: SessionRecord, before?: SessionRecord) => MaybePromise<void>
  /** After the session was bound to another user. */
  leaveUser: (operation: Operation, handle: string, userId: string) => MaybePromise<void>
  /** After the session is no more. */
  leave: (operation: Operation, handle: string, userId: string | undefined) => MaybePromise<void>
  page: (operation: Operation, userId: string | undefined, cursor: string | undefined, limit: number) => MaybePromise<HandlePage>
  /** Sessions of everybody. */
  count: (operation: Operation) => MaybePromise<number>
  sweep: (operation: Operation, limit: number) => MaybePromise<void>
}

/** Whether the user gets a new session by this. */
export function isNewlyBound(next: SessionRecord, before: SessionRecord | undefined): boolean {
  return next.userId !== undefined && next.userId !== before?.userId
}

/** The first `limit` in order of those after `cursor`; what it holds meanwhile is a small multiple of that. */
export class FirstHandles {
  private kept: string[] = []
  private last: string | undefined
  private isCut = false

  constructor(private readonly cursor: string | undefined, private readonly limit: number) {}

  offer(handle: string): void {
    if (this.cursor !== undefined && handle <= this.cursor) return
    if (this.last !== undefined && handle > this.last) return
    this.kept.push(handle)
    if (this.kept.length > 4 * this.limit) this.cut()
  }

  page(): HandlePage {
    this.cut()
    return { handles: this.kept, cursor: this.isCut ? this.kept.at(-1) : undefined }
  }

  private cut(): void {
    this.kept.sort()
    if (this.kept.length <= this.limit) return
    this.kept.length = this.limit
    this.last = this.kept.at(-1)
    this.isCut = true
  }
}
