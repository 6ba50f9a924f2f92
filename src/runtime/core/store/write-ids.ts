import { isNothing, textOf } from './record'

// So many processes may write one session by turns, and each still finds its last write.
const MAX_WRITERS = 8
const ID = /[^;]+;/g
// The ids are before the data, so the data is not parsed.
const WRITES = /^\{"v":1,[^{]*?"w":"([^"]*)"/

/**
 * Creates the ids of a store's writes. A record contains the last write id of each of its last writers, a tombstone its
 * own. So a store recognizes its write if the answer was lost, or if a client library sent the command twice.
 */
export class WriteIds {
  private count = 0

  /** `writer` is different in each process. */
  constructor(private readonly writer: string) {}

  next(): string {
    return `${this.writer}.${(++this.count).toString(36)};`
  }
}

/** Whether this value, as the driver returns it, contains the write id. */
export function hasWriteId(raw: unknown, id: string): boolean {
  return writesOf(raw).includes(id)
}

/** The write ids of the value that `id` writes over `before`. */
export function addWriteId(id: string, before: unknown): string {
  const writer = id.slice(0, id.indexOf('.') + 1)
  const others = writesOf(before).match(ID)?.filter(other => !other.startsWith(writer)) ?? []
  return [id, ...others.slice(0, MAX_WRITERS - 1)].join('')
}

function writesOf(raw: unknown): string {
  return isNothing(raw) ? '' : WRITES.exec(textOf(raw))?.[1] ?? ''
}
