/** Longest name of a user in a list or a sentence, in characters. The session has the whole id. */
const MAX_NAME = 200

/** Cuts off the end of a long name. */
export function shorten(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME).replace(/[\uD800-\uDBFF]$/, '')}…`
}
