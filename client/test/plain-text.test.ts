import { expect, it } from 'vitest'
import { formatPath } from '../src/lib/json'
import { plainChange, plainKey, plainName, plainText, toJson } from '../src/lib/plain-text'
import { changesOf, sessionLabels } from '../src/lib/requests'
import { titleOf } from '../src/lib/sessions'
import { largestKeys } from '../src/lib/sizes'
import { request, session } from './session'

const HOSTILE = 'admin\u202E\u2066\u200B\n\u0000'
const PLAIN = String.raw`admin\u202e\u2066\u200b\u000a\u0000`

it('shows characters that rearrange or hide text as in JSON, and all others as they are', () => {
  expect(plainText(HOSTILE)).toBe(PLAIN)
  const legible = 'שלום Ada, 张伟 👩\u200D💻 نمی\u200Cخواهم'
  expect(plainText(legible)).toBe(legible)
})

it('writes JSON of the same value', () => {
  const value = { [HOSTILE]: [HOSTILE, '👩\u200D💻'] }
  expect(JSON.parse(toJson(value, 2))).toEqual(value)
  expect(toJson(value)).not.toMatch(/[\u202E\u2066\u200B]/)
})

it('shows a key in quotes that is empty, or begins or ends with a space', () => {
  expect([' ', 'a ', 'a b'].map(plainKey)).toEqual(['" "', '"a "', 'a b'])
  expect([plainKey(''), plainKey('cart'), plainKey(HOSTILE)]).toEqual(['""', 'cart', PLAIN])
  expect(['+', '−', '~cart'].map(plainChange)).toEqual(['+""', '−""', '~cart'])
  expect(changesOf(request([{ kind: 'update', changes: ['+'] }]).events)).toEqual(['+""'])
  expect(largestKeys([{ key: '', bytes: 3 }])).toBe('"" 4 B')
})

it('cuts a long name, but not inside of a character', () => {
  expect(plainName('x'.repeat(200))).toBe('x'.repeat(200))
  expect(plainName('x'.repeat(100_000))).toBe(`${'x'.repeat(200)}…`)
  expect(plainName(`${'x'.repeat(199)}👍👍`)).toBe(`${'x'.repeat(199)}…`)
})

it('is how users, keys and paths are shown', () => {
  const events = [{ kind: 'update' as const, user: HOSTILE, changes: [`+${HOSTILE}`] }]
  expect(titleOf(session({ user: HOSTILE }))).toBe(PLAIN)
  expect(sessionLabels(request(events), new Map())).toBe(PLAIN)
  expect(changesOf(request(events).events)).toEqual([`+${PLAIN}`])
  expect(largestKeys([{ key: HOSTILE, bytes: 3 }])).toBe(`${PLAIN} 4 B`)
  expect(formatPath(['a\u202Eb', 'c'])).toBe(String.raw`["a\u202eb"].c`)
})
