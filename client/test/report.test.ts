import { describe, expect, it } from 'vitest'
import { MASK } from '../src/lib/mask'
import { createReport, importKey, isReportText, readReport, stateOf, withImports } from '../src/lib/report'
import { applyResponse } from '../src/lib/apply-response'
import type { PanelSession } from '../src/lib/state'
import { response } from './response'
import { request, session } from './session'

const BARE = { seq: 3, kind: 'update' as const, changes: ['+token'], hasData: true }
const LOGIN = request([BARE], { path: '/login' })
const EVENT = { ...LOGIN.events[0]!, data: { before: {}, after: { token: 'secret-1' } } }
const BODY = { data: { user: 'Ada', token: 'secret-1' }, flash: { otp: 'secret-2' } }
const SECRETS = /secret-\d|"id-of-it"|127\.0\.0\.1/

function exported(withSecrets: boolean): string {
  return JSON.stringify(createReport(session({ id: 'id-of-it', ip: '127.0.0.1' }), BODY, [{ ...LOGIN, events: [{ ...EVENT, id: 'id-of-it', other: 'secret-3' } as never] }], { withSecrets, now: 0 }))
}

describe('an exported session', () => {
  it('has no hidden values, ids and IP address, unless they are asked for', () => {
    expect(exported(false)).not.toMatch(SECRETS)
    expect(JSON.parse(exported(false))).toMatchObject({
      format: 'nuxt-h3-session/report', version: 1, exportedAt: '1970-01-01T00:00:00.000Z',
      session: { handle: 'h1', data: { user: 'Ada', token: MASK }, flash: { otp: MASK } },
      requests: [{ path: '/login', events: [{ data: { after: { token: MASK } } }] }],
    })
    for (const secret of ['secret-1', 'secret-2', 'id-of-it', '127.0.0.1']) expect(exported(true)).toContain(secret)
  })

  it('is recognised and read again', () => {
    expect(isReportText(` ${exported(false)}`)).toBe(true)
    expect(isReportText('{"data":1}')).toBe(false)
    expect(readReport(exported(true)).session.data).toEqual(BODY.data)
  })

  it('is read with data of all levels that a session can have', () => {
    const data = JSON.parse(`{"a":${'['.repeat(499)}${']'.repeat(499)}}`)
    const text = JSON.stringify(createReport(session(), { data }, [{ ...LOGIN, events: [{ ...EVENT, data: { after: data } }] }], { withSecrets: true, now: 0 }))
    expect(readReport(text).requests).toHaveLength(1)
  })

  it.each([
    ['{', 'Not valid JSON'],
    ['[]', 'not an exported session'],
    ['{"format":"another"}', 'not an exported session'],
    ['{"format":"nuxt-h3-session/report","version":2}', 'newer version'],
    [`{"format":"nuxt-h3-session/report","version":1,"session":{"handle":"h","data":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}},"requests":[]}`, 'at most 500 levels'],
    ['{"format":"nuxt-h3-session/report","version":1}', 'not complete'],
    ['{"format":"nuxt-h3-session/report","version":1,"session":{"handle":"h"},"requests":[1]}', 'not complete'],
  ])('is refused as %s', (text, error) => {
    expect(() => readReport(text)).toThrow(error)
  })
})

it.each<[path: string, value: unknown, what: string]>([
  ['session.handle', 1, 'a text'],
  ['session.lastUsedAt', 1e300, 'a time in milliseconds since 1970'],
  ['session.createdAt', 8.64e16, 'a time in milliseconds since 1970'],
  ['session.createdAt', undefined, 'a time in milliseconds since 1970'],
  ['session.writers', 'no', 'a list'],
  ['session.data', [], 'an object'],
  ['session.transport', 'pigeon', 'one of cookie, header, none, unknown'],
  ['session.idleTimeout', true, 'a number or false'],
  ['session.cookie', {}, '"session.cookie.attributes" must be an object'],
  ['session.cookie.attributes.expires', 1e300, 'a time in milliseconds since 1970'],
  ['session.revoked.by', 'nobody', 'one of revokeSession,'],
  ['session.overwritten.kind', 'magic', 'one of app, other session,'],
  ['session.overwritten.call.kind', 'magic', 'one of clear, regenerate'],
  ['session.sizes', [{ key: 'a' }], '"session.sizes[0].bytes" must be a number'],
  ['requests', {}, 'a list'],
  ['requests[0].at', '0', 'a time in milliseconds since 1970'],
  ['requests[0].events[0].kind', 'party', 'one of load,'],
  ['requests[0].events[0].changes', [1], '"requests[0].events[0].changes[0]" must be a text'],
  ['requests[0].events[0].data.after', 'no', 'an object'],
])('is refused if "%s" is %j, with the name of the field', (path, value, what) => {
  const cookie = { attributes: { httpOnly: true, secure: false, partitioned: false }, comesBack: 'always' as const, problems: [] }
  const revoked = { at: 0, method: 'POST', path: '/ban', by: 'revokeSession' as const, call: 'revokeSession()', source: 'ban.ts:1' }
  const overwritten = { kind: 'old cookie' as const, at: 0, method: 'GET', path: '/slow', call: { kind: 'regenerate' as const, method: 'POST', path: '/login' } }
  const report = JSON.parse(JSON.stringify(createReport(session({ cookie, revoked, overwritten }), BODY, [{ ...LOGIN, events: [EVENT] }], { withSecrets: true, now: 0 })))
  const keys = path.split(/\.|\[(\d)\]/).filter(Boolean)
  const owner = keys.slice(0, -1).reduce((part, key) => part[key], report)
  expect(() => readReport(JSON.stringify(report))).not.toThrow()
  owner[keys.at(-1)!] = value
  expect(() => readReport(JSON.stringify(report))).toThrow(what.startsWith('"') ? what : `"${path}" must be ${what}`)
})

it('is shown beside the sessions of the server, with its own requests only', () => {
  const report = readReport(exported(false))
  const live = applyResponse(undefined, response({ isComplete: true, sessions: [session({ key: 'main:1' })], requests: [LOGIN] }), 0)
  expect(withImports(live, [])).toBe(live)
  const state = withImports(live, [report, report])
  expect(state.sessions.map(({ key, origin }) => [key, origin])).toEqual([['main:1', undefined], [importKey(0), 'file'], [importKey(1), 'file']])
  expect(state.requests, 'the live list has no imported requests').toEqual([LOGIN])
  const [own, imported] = state.sessions as [PanelSession, PanelSession]
  expect(stateOf(own, state)).toBe(state)
  expect(stateOf(imported, state).requests).toMatchObject([{ path: '/login', events: [{ seq: 3, key: importKey(0), data: { after: { token: MASK } }, hasData: true }] }])
})

it('does not get the data of the server\'s events if its own was not kept', () => {
  const text = JSON.stringify(createReport(session(), BODY, [LOGIN], { withSecrets: false, now: 0 }))
  const report = readReport(text)
  const live = applyResponse(undefined, response({ isComplete: true }), 0)
  expect(withImports(live, [report]).sessions[0]!.requests![0]!.events[0]!.hasData).toBe(false)
})

it('has no second copy of its requests when it is exported again', () => {
  const imported = session({ requests: [{ ...LOGIN, events: [EVENT] }] })
  expect(JSON.stringify(createReport(imported, BODY, [], { withSecrets: false, now: 0 }))).not.toMatch(SECRETS)
})

it('has no second copy of the writers of its keys', () => {
  const writers = [{ key: 'n', at: 1, method: 'POST', path: '/first' }]
  const report = createReport(session({ writers, earlierWriters: writers }), BODY, [], { withSecrets: true, now: 0 })
  expect(JSON.parse(JSON.stringify(report)).session).not.toHaveProperty('earlierWriters')
  const live = applyResponse(undefined, response({ isComplete: true }), 0)
  expect(withImports(live, [{ ...report, session: { ...report.session, earlierWriters: writers } }]).sessions[0]).toMatchObject({ writers, earlierWriters: undefined })
})
