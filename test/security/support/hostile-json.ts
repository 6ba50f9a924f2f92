import fc from 'fast-check'
import { weighted } from './campaign'

const KEYS = [
  '"__proto__"', '"\\u005f_proto__"', '"__proto\\u005f\\u005F"', '"constructor"', '"prototype"', '"toString"', '"valueOf"', '"toJSON"', '"hasOwnProperty"', '"then"', '"length"',
  '"a"', '"id"', '"data"', '"name"', '"v"', '"dead"', '"expiresAt"', '"createdAt"', '""', '"0"', '"\\ud800"', '"\\u0000"', '"__proto__ "', '"polluted"',
]
const NUMBERS = ['0', '-0', '1', '-1', '1.5', '1e3', '1e21', '1e308', '-1e308', '1e400', '-1e400', '1e-400', '9007199254740993', '1924992000000', '99999999999999999999999999', '253402300800000', '8640000000000001']
const SCALARS = [...NUMBERS, 'null', 'true', 'false', '""', '"text"', '"__proto__"', '"\\ud800"', '"\\u0000"', '"<script>"', '"x\\r\\nSet-Cookie: a=b"']
/** Levels of nesting. Some would overflow the stack of recursive code. */
const DEPTHS = [10, 33, 499, 501, 2000, 5900]

const scalar = weighted([6, fc.constantFrom(...SCALARS)], [1, fc.jsonValue({ maxDepth: 2 }).map(value => JSON.stringify(value))], [1, fc.string({ unit: 'binary', maxLength: 30 }).map(text => JSON.stringify(text))])

const deep = fc.tuple(fc.constantFrom(...DEPTHS), fc.constantFrom('[', '{"a":', '{"__proto__":', '[{"\\u005f_proto__":'), scalar, fc.boolean()).map(([depth, open, inner, isMarked]) => {
  const count = Math.max(1, Math.min(depth, Math.floor(11_500 / (open.length + 1))))
  const close = [...open].toReversed().map(c => c === '[' ? ']' : c === '{' ? '}' : '').join('')
  const nested = open.repeat(count) + inner + close.repeat(count)
  return isMarked ? `{"__proto__":1,"deep":${nested}}` : nested
})
const wide = fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.constantFrom('1', '[]', '{}')).map(([count, item]) => `[${Array.from({ length: Math.min(count, Math.floor(11_000 / (item.length + 1))) }, () => item).join(',')}]`)

const { value: tree } = fc.letrec<{ value: string, object: string, array: string }>(tie => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), tie('array')),
  object: fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 4 }).map(entries => `{${entries.map(([key, item]) => `${key}:${item}`).join(',')}}`),
  array: fc.array(tie('value'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
}))

/** JSON of any shape, as text: keys that pollute, also escaped and twice, numbers out of range, depth and width. */
export const hostileJson: fc.Arbitrary<string> = weighted([20, tree], [2, deep], [1, wide])

/** The text of an object with these fields: each valid, of another type, or missing. */
export function hostileObject(fields: Record<string, string>): fc.Arbitrary<string> {
  const entry = ([key, right]: [string, string]) => weighted<string | undefined>([6, fc.constant(`"${key}":${right}`)], [1, hostileJson.map(json => `"${key}":${json}`)], [1, fc.constant(undefined)])
  const extra = fc.array(fc.tuple(fc.constantFrom(...KEYS), hostileJson).map(([key, json]) => `${key}:${json}`), { maxLength: 2 })
  return fc.tuple(fc.tuple(...Object.entries(fields).map(entry)), extra, fc.boolean()).map(([entries, extra, isFirst]) => {
    const own = entries.filter(text => text !== undefined)
    return `{${(isFirst ? [...extra, ...own] : [...own, ...extra]).join(',')}}`
  })
}

/** Contents of a seal: sessions with wrong fields, references, and anything else. */
export function hostilePayload(now: number): fc.Arbitrary<string> {
  const time = `${now - 600_000}`
  const needed = { id: '"sealed"', createdAt: time }
  const optional = { name: '"h3"', lastSeenAt: time, userId: '"ada"', authenticatedAt: time, maxAge: '86400', flash: '{"note":1}', epoch: '0', ip: '"::1"' }
  const session = hostileJson.chain(json => hostileObject({ ...needed, data: `{"mine":${json}}` }))
  const whole = hostileJson.chain(json => hostileObject({ ...needed, data: json, ...optional }))
  const reference = hostileObject({ id: '"sealed"', name: '"h3"' })
  const notJson = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', '{', '{"a":1}x', '\uFEFF{}', 'undefined', 'NaN'))
  return weighted([8, session], [6, whole], [1, reference], [1, hostileJson], [1, notJson])
}
