import type { Alive, Found, SessionRecord } from '../../runtime/core/store/store'

/** Throws unless both are the same JSON. The order of keys does not matter. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [canonical(actual), canonical(expected)]
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`)
}

export function assertAlive(found: Found): Alive {
  if (found === undefined || !('record' in found)) throw new Error(`expected a record, found ${JSON.stringify(found)}`)
  return found
}

export function recordOf(found: Found): SessionRecord {
  return assertAlive(found).record
}

export function mustNotRun(): never {
  throw new Error('the function was called')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1))
  }) ?? 'undefined'
}
