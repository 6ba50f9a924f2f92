import type { Alive, Found, SessionRecord } from '../../runtime/core/store/store'

/** Throws unless both are the same JSON. The order of keys does not matter. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [canonical(actual), canonical(expected)]
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`)
}

export function assertTrue(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}

/** Throws unless a record was found. */
export function assertAlive(found: Found): Alive {
  if (found === undefined || !('record' in found)) throw new Error(`expected a record, found ${JSON.stringify(found)}`)
  return found
}

export function recordOf(found: Found): SessionRecord {
  return assertAlive(found).record
}

/** Throws unless `run` rejects with this code, or with this error itself. */
export async function assertRejects(run: () => Promise<unknown>, expected: unknown): Promise<void> {
  try {
    await run()
  }
  catch (error) {
    if (error === expected || (error as { code?: string }).code === expected) return
    throw error
  }
  throw new Error(`expected a rejection with ${String(expected)}`)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1))
  }) ?? 'undefined'
}
