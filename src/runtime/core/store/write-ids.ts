import { isNothing, textOf } from './record'

// So many processes may write one session by turns, and each still finds its last write.
const MAX_WRITERS = 8
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'
// Each part of an id has 18 bits.
const PART = 3
const PARTS = 64 ** PART
const LENGTH = 2 * PART
// In a record the ids are before the data, so the data is not parsed.
const WRITES = /^\{"v":1,[^{]*?"w":"([\w-]*)"/

/**
 * Creates the ids of a store's writes. A record contains the last write id of each of its last writers, a tombstone its
 * own. So a store recognizes its write if the answer was lost, or if a client library sent the command twice.
 *
 * Each record contains them, so they are short: 18 bits for the process and 18 for its count. A store takes the write of
 * another process for its own only if a conflict of the two meets the same 36 bits: once in 69 billion conflicts. An
 * older write of the same process has another count, because no write is pending during 262,144 others.
 */
export class WriteIds {
  private readonly writer: string
  private count: number

  /** Two random numbers of at least 0 and below 1. The first is different in each process. */
  constructor(writer: number, count: number) {
    this.writer = digitsOf(Math.floor(writer * PARTS))
    this.count = Math.floor(count * PARTS)
  }

  /** A new id, which the value that it replaces does not contain, and the ids of the value that replaces it. */
  next(before?: unknown): { id: string, writes: string } {
    const known = writesOf(before)
    let id: string
    do {
      this.count = (this.count + 1) % PARTS
      id = this.writer + digitsOf(this.count)
    } while (known.includes(id))
    let writes = id
    for (let at = 0; at < known.length && writes.length < MAX_WRITERS * LENGTH; at += LENGTH) {
      if (!known.startsWith(this.writer, at)) writes += known.slice(at, at + LENGTH)
    }
    return { id, writes }
  }
}

/** Whether this value, as the driver returns it, contains the write id. */
export function hasWriteId(raw: unknown, id: string): boolean {
  const writes = writesOf(raw)
  for (let at = 0; at < writes.length; at += LENGTH) if (writes.startsWith(id, at)) return true
  return false
}

function writesOf(raw: unknown): string {
  return isNothing(raw) ? '' : WRITES.exec(textOf(raw))?.[1] ?? ''
}

function digitsOf(part: number): string {
  return DIGITS[part >> 12]! + DIGITS[(part >> 6) & 63]! + DIGITS[part & 63]!
}
