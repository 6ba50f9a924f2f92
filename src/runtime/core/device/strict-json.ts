/** Strings, and the characters around them that structure a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs
const BEFORE_VALUE = /\s*:/y
/** Browsers send about 20. Checking hundreds of them would cost more than the rest of a request. */
const MAX_TOKENS = 64
/** Browsers send two. `JSON.stringify` takes a millisecond for a thousand arrays in each other. */
const MAX_BRACKETS = 16

/**
 * Parses JSON; `undefined` if it is none, or an object has a key twice: parsers differ in which one they take (RFC 7515, 4).
 * Also if it opens more than 16 brackets, or if more than 64 strings and brackets would have to be searched.
 */
export function parseStrictJson(text: string): unknown {
  if (opensMore(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    // What a serializer writes from the value contains each key once. To compare is quicker than to search.
    return JSON.stringify(value) === text || isStrict(text) ? value : undefined
  }
  catch {
    return undefined
  }
}

/** Counts those in strings too: a browser's token has one there at most, in an audience with an IPv6 address. */
function opensMore(text: string): boolean {
  let brackets = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if ((code === 0x5B || code === 0x7B) && ++brackets > MAX_BRACKETS) return true
  }
  return false
}

/** For valid JSON only. */
function isStrict(json: string): boolean {
  const open: Set<string>[] = []
  let tokens = 0
  for (const { 0: token, index } of json.matchAll(TOKENS)) {
    if (++tokens > MAX_TOKENS) return false
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (isKey(json, index + token.length)) {
      const keys = open.at(-1)!
      const key = JSON.parse(token) as string
      if (keys.has(key)) return false
      keys.add(key)
    }
  }
  return true
}

/** Whether the string that ends here is followed by a colon. */
function isKey(json: string, end: number): boolean {
  BEFORE_VALUE.lastIndex = end
  return BEFORE_VALUE.test(json)
}
