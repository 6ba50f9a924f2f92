import { shortPath } from '../runtime/core/model/short-path'
import { isDeeper, TOO_DEEP } from '../runtime/server/devtools/depth'

/** Why an object cannot be the data of a session, or `undefined` if it can. */
export function refusalOfData(data: object): string | undefined {
  if (isDeeper(data)) return TOO_DEEP
  const path = pathOfProtoKey(data)
  return path && `Session data cannot have the key "__proto__": sessions drop it for safety, because code that copies it could change the prototype of an object. Remove ${shortPath(path.join('.'))}, or rename it.`
}

/** The path of the first key `__proto__`, at any depth. JSON.parse creates such a key. */
function pathOfProtoKey(value: unknown): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, '__proto__')) return ['__proto__']
  for (const [key, item] of Object.entries(value)) {
    const path = pathOfProtoKey(item)
    if (path) return [key, ...path]
  }
  return undefined
}
