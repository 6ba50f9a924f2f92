import { nearestOf, RUNTIME_KEYS, SESSION_KEYS } from './option-keys'
import type { Keys } from './option-keys'
import { toVariable } from './parse'

/** Returns the variable of an option that a misspelled one probably means; `undefined` if it is right or similar to none. */
export function intendedVariable(variable: string, prefix: string, names: readonly string[]): string | undefined {
  if (!variable.startsWith(prefix)) return undefined
  const known = [...variablesBelow('', RUNTIME_KEYS), ...names.flatMap(name => variablesBelow(`NAMED_${toVariable(name)}_`, SESSION_KEYS))]
  const option = variable.slice(prefix.length)
  const nearest = known.includes(option) ? undefined : nearestOf(option, known)
  return nearest === undefined ? undefined : prefix + nearest
}

function variablesBelow(prefix: string, keys: Keys): string[] {
  return Object.entries(keys).flatMap(([key, below]) => {
    const variable = prefix + toVariable(key)
    return [variable, ...below ? variablesBelow(`${variable}_`, below) : []]
  })
}
