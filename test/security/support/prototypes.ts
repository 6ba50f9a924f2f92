import { expect } from 'vitest'

const SHARED = [Object, Array, Function, String, Number, Map, Set, Promise, Error, Date, RegExp]
  .map(constructor => constructor.prototype as object)

/** What everybody's prototypes hold: names, and what stands behind them. */
function everything(): unknown[] {
  return SHARED.flatMap(prototype => [Object.getPrototypeOf(prototype), ...Reflect.ownKeys(prototype).flatMap((key) => {
    const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key)!
    return [key, value, get, set]
  })])
}

const BEFORE = everything()

/** Whether every prototype that all objects share is as it was when the tests began. */
export function arePrototypesClean(): boolean {
  const now = everything()
  return now.length === BEFORE.length && now.every((value, index) => Object.is(value, BEFORE[index]))
}

/** A place in `value` that holds a key `__proto__`, or has another prototype than JSON gives. */
function findForeignPrototype(value: unknown, path = ''): string | undefined {
  // In a list, not by recursion: data may be deep.
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
