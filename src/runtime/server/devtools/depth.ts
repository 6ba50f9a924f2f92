/** How many levels of objects and arrays a session's data may have. A write of more throws. */
export const MAX_LEVELS = 500

export const TOO_DEEP = `Session data has at most ${MAX_LEVELS} levels of objects and arrays, and this has more. Use fewer levels, such as a flat list with ids.`

/** Whether a value has more levels of objects and arrays. Most functions that visit all of it would overflow the stack. */
export function isDeeper(value: unknown, levels = MAX_LEVELS): boolean {
  return typeof value === 'object' && value !== null && (levels === 0 || Object.values(value).some(each => isDeeper(each, levels - 1)))
}
