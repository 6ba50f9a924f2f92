import type { Json, JsonObject } from '../../../src/devtools/protocol'
import { isJsonObject } from './json'
import type { Path } from './json'

/** One difference between two values. */
export interface Change {
  kind: 'added' | 'removed' | 'changed'
  path: Path
  before?: Json
  after?: Json
}

/** Returns the changes between two states of a session's data. `undefined` counts as an empty object. */
export function diffData(before: JsonObject | undefined, after: JsonObject | undefined): Change[] {
  return diffObjects(before ?? {}, after ?? {}, [])
}

/** Whether two values are equal JSON, ignoring the order of keys. */
export function isSame(a: Json, b: Json): boolean {
  return diffValues(a, b, []).length === 0
}

/** Counts changes by kind, without zeros: `+2 −1 ~3`. */
export function summarise(changes: Change[]): string {
  const count = (kind: Change['kind'], sign: string): string => {
    const { length } = changes.filter(change => change.kind === kind)
    return length > 0 ? `${sign}${length}` : ''
  }
  return [count('added', '+'), count('removed', '−'), count('changed', '~')].filter(Boolean).join(' ')
}

function diffValues(before: Json, after: Json, path: Path): Change[] {
  if (Array.isArray(before) && Array.isArray(after)) return diffArrays(before, after, path)
  if (isJsonObject(before) && isJsonObject(after)) return diffObjects(before, after, path)
  return before === after ? [] : [{ kind: 'changed', path, before, after }]
}

function diffObjects(before: JsonObject, after: JsonObject, path: Path): Change[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => {
    const inner = [...path, key]
    const isOld = Object.hasOwn(before, key)
    const isNew = Object.hasOwn(after, key)
    if (isOld && isNew) return diffValues(before[key] as Json, after[key] as Json, inner)
    return isOld ? removed(inner, before[key] as Json) : added(inner, after[key] as Json)
  })
}

/** Skips equal items at both ends, so that one inserted or removed item is one change. */
function diffArrays(before: Json[], after: Json[], path: Path): Change[] {
  const shorter = Math.min(before.length, after.length)
  const same = (a: Json | undefined, b: Json | undefined): boolean => a !== undefined && b !== undefined && isSame(a, b)
  let head = 0
  while (head < shorter && same(before[head], after[head])) head++
  let tail = 0
  while (tail < shorter - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail++

  const old = before.slice(head, before.length - tail)
  const fresh = after.slice(head, after.length - tail)
  const paired = Math.min(old.length, fresh.length)
  return [
    ...old.slice(0, paired).flatMap((item, index) => diffValues(item, fresh[index] as Json, [...path, head + index])),
    ...old.slice(paired).flatMap((item, index) => removed([...path, head + paired + index], item)),
    ...fresh.slice(paired).flatMap((item, index) => added([...path, head + paired + index], item)),
  ]
}

function added(path: Path, after: Json): Change[] {
  return [{ kind: 'added', path, after }]
}

function removed(path: Path, before: Json): Change[] {
  return [{ kind: 'removed', path, before }]
}
