import fc from 'fast-check'
import { weighted } from './campaign'

/** Texts that break parsers: separators, encodings, unicode that looks alike, controls, numbers beyond all types. */
const NASTY = [
  '', ' ', '*', '**', '%2A', '%2a', '%252A', '＊', '∗', '.', '-', '_', '+', '/', '=', '==', '%', '%00', '%E0%A4%A', '%F0%9F%98%80', '\0', '\u0001', '\t', '\r\n', '\u007F',
  '\u0080', '\u00A0', '\u200B', '\u2028', '\uFEFF', '\uD800', '\uDFFF', '😀', 'ä', 'a\u0308', 'Ａ', 'ſ', 'K', '"', '\'', '\\', ';', ',', 'Fe26.2', 'Fe26.1', 'fe26.2', 'FE26.2', 'Fe26.2~', 'Fe27.2', 'Mac1.2', 'Fe26.2**',
  '0', '-0', '-1', '+1', '00', '1e3', '1e400', '0x10', '１', '٣', '1_0', '1.5', 'NaN', 'Infinity', '9'.repeat(20), '9'.repeat(400), '9007199254740993', '253402300800000', '8640000000000001',
  '__proto__', 'constructor', 'prototype', 'toString', 'null', 'undefined', '[object Object]', '{}', '[]', '../', '..%2F', '__chunked__1', '__chunked__',
]

const nasty = fc.constantFrom(...NASTY)
const garbage = weighted([3, nasty], [2, fc.string({ maxLength: 40 })], [2, fc.string({ unit: 'binary', maxLength: 20 })], [1, fc.string({ unit: 'grapheme', maxLength: 12 })])

type Edit = (text: string) => string

const at = (text: string, position: number) => text.length === 0 ? 0 : position % (text.length + 1)

/** One change anywhere in a text. */
const textEdit: fc.Arbitrary<Edit> = fc.tuple(fc.nat(), fc.nat({ max: 40 }), garbage, fc.nat(16)).map(([position, length, by, kind]): Edit => (text) => {
  const place = at(text, position)
  const [before, after] = [text.slice(0, place), text.slice(place)]
  switch (kind) {
    case 0: return before + by + after
    case 1: return before + by + after.slice(1)
    case 2: return before + after.slice(1)
    case 3: return before
    case 4: return after
    case 5: return text + text
    case 6: return text.toUpperCase()
    case 7: return text.toLowerCase()
    case 8: return [...text].toReversed().join('')
    case 9: return text.replaceAll('-', '+').replaceAll('_', '/')
    case 10: return text + '='.repeat(1 + length % 3)
    case 11: return before + String.fromCharCode((text.charCodeAt(place) || 65) + 256) + after.slice(1)
    case 12: return before + after.slice(0, length).replaceAll(/./gsu, c => `%${c.codePointAt(0)!.toString(16).padStart(2, '0')}`) + after.slice(length)
    case 13: return before + after.slice(length) + after.slice(0, length)
    case 14: return nextLetter(text)
    case 15: return before + by.repeat(1 + length) + after
    default: return by
  }
})

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Another last character, which may decode to the same bytes. */
function nextLetter(text: string): string {
  return text.slice(0, -1) + (ALPHABET[(ALPHABET.indexOf(text.at(-1) ?? 'A') + 1) % 64] ?? 'A')
}

/** The parts of a seal: version, password id, salt, IV, ciphertext, expiration, salt, MAC. */
const PLACES = 8

/** A change of a seal's structure, possibly with parts of another seal. */
const structuralEdit: fc.Arbitrary<(parts: string[], other: string[]) => string[]> = fc.tuple(fc.nat(PLACES - 1), fc.nat(PLACES - 1), garbage, textEdit, fc.nat(9))
  .map(([one, two, by, edit, kind]) => (parts, other) => {
    switch (kind) {
      case 0: return parts.with(one % parts.length, by)
      case 1: return parts.with(one % parts.length, other[one] ?? by)
      case 2: return parts.with(one % parts.length, parts[two] ?? by)
      case 3: return parts.toSpliced(one, 1)
      case 4: return parts.toSpliced(one, 0, by)
      case 5: return parts.toSpliced(one, 0, parts[one] ?? by)
      case 6: return [...parts.slice(0, one), ...other.slice(one)]
      case 7: return [...parts, ...other]
      default: return parts.with(one % parts.length, edit(parts[one % parts.length]!))
    }
  })

/** How the value as a whole may be wrapped. */
const wrapping: fc.Arbitrary<Edit> = weighted<Edit>(
  [12, fc.constant<Edit>(text => text)],
  [1, fc.constantFrom<Edit>(
    text => `"${text}"`, text => `"${text}`, text => `${text}"`, text => `'${text}'`, text => ` ${text} `, encodeURIComponent_, text => encodeURIComponent_(encodeURIComponent_(text)),
    text => `${text},${text}`, text => `${text}, ${text}`, text => `${text}*`, text => `*${text}`, text => text.replaceAll('*', '%2A'), text => text.replaceAll('*', '%2a'),
    text => text.replaceAll('*', '＊'), text => text.replaceAll('**', '*default*'), text => `Bearer ${text}`, text => `h3=${text}`, text => text.replace('.', '%2E'),
  )],
  [1, textEdit],
)

/** Encodes like cookie libraries in browsers. Text that cannot be encoded stays unchanged. */
function encodeURIComponent_(text: string): string {
  try {
    return encodeURIComponent(text)
  }
  catch {
    return text
  }
}

/** One of these seals with up to three changes, in any part. */
export function mutatedSeal(seals: readonly string[]): fc.Arbitrary<string> {
  const seal = fc.constantFrom(...seals)
  return fc.tuple(seal, seal, fc.array(structuralEdit, { maxLength: 3 }), wrapping).map(([token, other, edits, wrap]) => {
    let parts = token.split('*')
    for (const edit of edits) parts = edit(parts, other.split('*'))
    return wrap(parts.join('*')).slice(0, 40_000)
  })
}

/** A seal with one changed character near an end of one of its parts. The format allows the new character. */
function nearMiss(seals: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...seals), fc.nat(PLACES - 1), fc.nat(3), fc.boolean(), fc.integer({ min: 1, max: 63 })).map(([token, place, distance, isFirst, by]) => {
    const parts = token.split('*')
    const part = parts[place % parts.length]!
    const position = Math.max(0, isFirst ? distance : part.length - 1 - distance)
    const letter = ALPHABET[(ALPHABET.indexOf(part[position] ?? 'A') + by) % 64] ?? 'A'
    return parts.with(place % parts.length, part.slice(0, position) + letter + part.slice(position + 1)).join('*')
  })
}

/** Seals with a length around the limit of 16 KiB, of characters that the format allows. */
function atTheLimit(seals: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...seals), fc.integer({ min: -3, max: 3 }), fc.nat(PLACES - 1)).map(([token, difference, place]) => {
    const parts = token.split('*')
    const missing = 16 * 1024 + difference - token.length
    return missing > 0 ? parts.with(place, parts[place]! + 'A'.repeat(missing)).join('*') : token.slice(0, missing)
  })
}

/** Tokens that a client may send: seals, changed seals, and anything else. */
export function hostileValue(seals: readonly string[]): fc.Arbitrary<string> {
  return weighted([2, fc.constantFrom(...seals)], [8, mutatedSeal(seals)], [3, nearMiss(seals)], [1, atTheLimit(seals)], [2, garbage])
}

const COUNTS = ['0', '1', '2', '3', '4', '99', '100', '101', '999', '1e2', '-1', '+3', '03', ' 3', '3 ', '3.0', '0x3', '３', '9'.repeat(30), '', 'NaN', '__proto__', '%33']

interface Cookie { name: string, value: string }

/** A seal in chunks with possible faults: a wrong count or order, missing, duplicate or foreign chunks. */
function chunkedCookies(name: string, seals: readonly string[]): fc.Arbitrary<Cookie[]> {
  const head = weighted<number | string>([3, fc.constant(0)], [2, fc.constantFrom(...COUNTS)], [1, fc.integer({ min: -2, max: 2 })])
  const change = fc.tuple(fc.nat(), fc.nat(), hostileValue(seals), fc.nat(9))
  return fc.tuple(fc.constantFrom(...seals), fc.integer({ min: 1, max: 12 }), head, fc.array(change, { maxLength: 2 }), fc.boolean()).map(([token, count, head, changes, isShuffled]) => {
    const length = Math.ceil(token.length / count)
    const cookies = Array.from({ length: count }, (_, index) => ({ name: `${name}.${index + 1}`, value: token.slice(index * length, (index + 1) * length) }))
    cookies.unshift({ name, value: `__chunked__${typeof head === 'number' ? count + head : head}` })
    for (const [one, two, value, kind] of changes) changeChunks(cookies, one, two, value, kind)
    return isShuffled ? cookies.toReversed() : cookies
  })
}

function changeChunks(cookies: Cookie[], one: number, two: number, value: string, kind: number): void {
  const [a, b] = [cookies[one % cookies.length], cookies[two % cookies.length]]
  if (!a || !b) return
  switch (kind) {
    case 0: [a.value, b.value] = [b.value, a.value]; return
    case 1: [a.name, b.name] = [b.name, a.name]; return
    case 2: return void cookies.splice(one % cookies.length, 1)
    case 3: return void cookies.push({ ...a })
    case 4: return void cookies.push({ name: a.name, value })
    case 5: return void cookies.unshift({ name: a.name, value })
    case 6: a.value = value; return
    case 7: a.value = ''; return
    default: a.value = `__chunked__${one % 5}`
  }
}

const separator = weighted([12, fc.constant('; ')], [1, fc.constantFrom(';', ' ;', ';;', '; ; ', ';\t', ', ', ' ', '\r\n', '', ';=;', '; =; ', ';a;')])
const equals = weighted([12, fc.constant('=')], [1, fc.constantFrom(' = ', '==', '', ':', '%3D')])

/** Any text as a Cookie header, valid by the grammar or not. */
export function cookieHeader(name: string, seals: readonly string[]): fc.Arbitrary<string> {
  const names = [name, name, `${name}.1`, `${name}.2`, `${name}.0`, `${name}.01`, `${name}.101`, `${name}.-1`, `${name}.1.1`, name.toUpperCase(), ` ${name}`, `${name} `, `${name}\t`, `"${name}"`, `%68${name.slice(1)}`,
    '__proto__', 'constructor', 'toString', `${name}.__proto__`, 'cart', 'cart.1', 'other', '']
  const cookie = fc.record({ name: fc.constantFrom(...names), value: hostileValue(seals) })
  const cookies = weighted<Cookie[]>([4, fc.array(cookie, { minLength: 1, maxLength: 5 })], [3, chunkedCookies(name, seals)], [1, fc.tuple(chunkedCookies(name, seals), fc.array(cookie, { maxLength: 3 }), fc.boolean())
    .map(([chunks, others, isFirst]) => isFirst ? [...chunks, ...others] : [...others, ...chunks])])
  const byGrammar = fc.tuple(cookies, separator, equals).map(([cookies, separator, equals]) => cookies.map(({ name, value }) => name + equals + value).join(separator))
  return weighted([20, byGrammar], [1, garbage])
}
