import { expect } from 'vitest'

const SHARED = [Object, Array, Function, String, Number, Map, Set, Promise, Error, Date, RegExp]
  .map(constructor => constructor.prototype as object)

/** The properties of the built-in prototypes: names and values. */
function everything(): unknown[] {
  return SHARED.flatMap(prototype => [Object.getPrototypeOf(prototype), ...Reflect.ownKeys(prototype).flatMap((key) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key)!
    return [key, value, get, set]
  })])
}

const BEFORE = everything()

/** Whether the built-in prototypes are unchanged since the start of the tests. */
export function arePrototypesClean(): boolean {
  const now = everything()
  return now.length === BEFORE.length && now.every((value, index) => Object.is(value, BEFORE[index]))
}

/** The path in `value` of a key `__proto__`, or of an object with another prototype than in parsed JSON. */
function findForeignPrototype(value: unknown, path = ''): string | undefined {
  // With a list instead of recursion, because data may be deep.
  const waiting: [unknown, string][] = [[value, path]]
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    const [item, at] = entry
    if (typeof item !== 'object' || item === null) continue
    const prototype: unknown = Object.getPrototypeOf(item)
    if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) return `${at}: its prototype`
    if (Object.hasOwn(item, '__proto__')) return `${at}: a key`
    for (const key of Object.keys(item)) waiting.push([(item as Record<string, unknown>)[key], at.length < 100 ? `${at}.${key}` : at])
  }
  return undefined
}

export function expectNoPollution(data: unknown): void {
  expect(findForeignPrototype(data)).toBeUndefined()
  expect(arePrototypesClean()).toBe(true)
}
