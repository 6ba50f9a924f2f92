import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { WorkerChannel } from '../../../src/devtools/channel'
import { MAX_TOKENS, unsealText } from '../../../src/devtools/unseal'

const SEAL = 'Fe26.2*1*a*b*c*1700000000000*d*e'
const WHOLE = `Fe26.2**${'a'.repeat(64)}*${'b'.repeat(22)}*${'c'.repeat(43)}*1700000000000*${'d'.repeat(64)}*${'e'.repeat(43)}`
const SESSION = { id: 'a', name: 'cart', createdAt: 1, data: { n: 1 } }

describe('unsealText', () => {
  it('returns the session that the worker unsealed', async () => {
    expect(await unseal(`Cookie: h3=${SEAL}`, { session: SESSION, passwordIndex: 1, isFallback: false, expiresAt: 9 })).toEqual([
      { name: 'h3', ok: true, seal: sha256(SEAL, 'base64url'), session: SESSION, passwordIndex: 1, isFallback: false, expiresAt: 9 },
    ])
  })

  it('gives the handle of the session if a password opens the token, by which the panel knows it', async () => {
    expect(await unseal(SEAL, { id: 'a', reason: 'revoked', content: 'reference' })).toMatchObject([{ ok: false, handle: sha256('a', 'hex') }])
    expect((await unseal(SEAL, { reason: 'tampered' }))[0]).not.toHaveProperty('handle')
  })

  it.each([
    ['expired', SEAL, {}, 'It expired at 2023-11-14T22:13:20.000Z.'],
    ['expired', SEAL, { expiresAt: 0 }, 'It expired at 1970-01-01T00:00:00.000Z.'],
    ['expired', 'Fe26.2*1*a*b*c**d*e', {}, 'It expired.'],
    ['idle', SEAL, { expiresAt: 0 }, 'It was not used within idleTimeout. It ended at 1970-01-01T00:00:00.000Z.'],
    ['foreign', SEAL, { sealedName: 'cart' }, 'Its session name is "cart", not the default name.'],
    ['foreign', `h3=${SEAL}`, { sealedName: 'cart' }, 'Its session name is "cart", not "h3".'],
    ['foreign', SEAL, {}, 'It contains no session name, and acceptUnnamed is false.'],
    ['tampered', SEAL, {}, 'No configured password opens it: it was cut off or changed.'],
    ['tampered', WHOLE, {}, 'No configured password opens it. It is complete, so it was sealed with another password, or some of its characters were changed.'],
    ['tampered', SEAL, { iterations: 8192 }, 'The password is correct, but the seal was made with 8192 iterations, as h3 2 does. Set seal.encryption.iterations and seal.integrity.iterations to 8192.'],
    ['tampered', SEAL, { iterations: 1 }, 'The password is correct, but the seal was made with 1 iteration. Set seal.encryption.iterations and seal.integrity.iterations to 1, or set legacySealFallback.'],
    ['malformed', '', {}, 'It contains no seal, or some of its chunks are missing.'],
    ['malformed', 'hello', {}, 'It is not a seal: a seal begins with "Fe26.2**".'],
    ['malformed', 'Fe26.2*1*a*b*c', {}, 'It is cut off: a seal has 8 parts between asterisks, this one has 5.'],
    ['malformed', SEAL, {}, 'It is not a valid seal of this app: it is cut off, too long, or of another kind.'],
    ['malformed', SEAL, { isTooDeep: true }, 'Session data has at most 500 levels of objects and arrays, and this has more.'],
    ['malformed', SEAL, { content: 'reference' }, 'It contains only a reference to a stored session, but the app has no store: set storage.'],
    ['malformed', `h3=${SEAL}`, { content: 'reference' }, 'It contains only a reference to a stored session, but "h3" has no store: set storage.'],
    ['malformed', SEAL, { content: 'reference', storage: 'kept', record: 'malformed' }, 'Its record in the store "kept" is not a valid session record.'],
    ['expired', SEAL, { content: 'reference', storage: 'kept', record: 'missing' }, 'The store "kept" has no record of the session: the session has expired or was revoked, or its record was lost or removed.'],
    ['expired', SEAL, { content: 'session', storage: 'kept', migration: { isOpen: false } },
      'It is a cookie session, but sessions of this name are kept in the store "kept". Set migrateUntil to migrate cookie sessions.'],
    ['expired', SEAL, { content: 'session', storage: 'kept', migration: { isOpen: false, until: 0 } },
      'It is a cookie session, but sessions of this name are kept in the store "kept". Cookie sessions were migrated until 1970-01-01T00:00:00.000Z (migrateUntil).'],
    ['revoked', SEAL, { content: 'reference' }, 'It is revoked: the session was ended by clear(), revokeSession(), revokeUserSessions(), revokeAllSessions() or maxUserSessions.'],
    ['superseded', SEAL, { content: 'reference' }, 'It is superseded: regenerate() gave the session a new id.'],
    ['superseded', SEAL, { content: 'session', storage: 'kept' }, 'It is superseded: the session was migrated to the store "kept" under a new id.'],
    ['else', SEAL, {}, 'It is rejected: else. The hook session:load gave this reason: look there.'],
    ['expired', SEAL, { expiresAt: 0, limit: 'maxAge (60 s)' }, 'It expired at 1970-01-01T00:00:00.000Z, at the end of maxAge (60 s).'],
    ['idle', SEAL, { expiresAt: 0, limit: 'idleTimeout (60 s)' }, 'It was not used within idleTimeout (60 s). It ended at 1970-01-01T00:00:00.000Z.'],
  ])('explains the reason %s', async (reason, text, result, explanation) => {
    const [first] = await unseal(text, { reason, ...result })
    expect(first).toMatchObject({ ok: false, reason })
    expect(first!.explanation!.slice(0, explanation.length)).toBe(explanation)
  })

  it.each([
    ['malformed', '', {}, 'keep less in the session'],
    ['malformed', 'hello', {}, 'give the session another name'],
    ['malformed', 'Fe26.2*1*a*b*c', {}, 'a proxy that cuts cookies'],
    ['malformed', SEAL, {}, 'Clear the cookie'],
    ['malformed', SEAL, { record: 'malformed' }, 'give the sessions a mount of their own'],
    ['expired', SEAL, {}, 'raise maxAge'],
    ['expired', SEAL, { record: 'missing', isInMemory: true }, 'use one that keeps its data'],
    ['idle', SEAL, {}, 'raise idleTimeout'],
    ['revoked', SEAL, {}, 'must log in again'],
    ['superseded', SEAL, { content: 'reference' }, 'another cookie of the same name is sent first'],
    ['foreign', SEAL, {}, 'Set acceptUnnamed'],
    ['foreign', SEAL, { sealedName: 'cart' }, 'Read it under its own name'],
    ['tampered', SEAL, {}, 'Clear the cookie'],
    ['tampered', WHOLE, {}, 'keep the old one in the list, after the new one'],
    ['tampered', WHOLE, {}, 'If another app on this host uses the same cookie'],
    ['overloaded', SEAL, {}, 'Send the request again'],
    ['else', SEAL, {}, 'look there'],
  ])('says how to fix %s', async (reason, text, result, fix) => {
    expect((await unseal(text, { reason, ...result }))[0]!.explanation).toContain(fix)
  })

  it('adds a note to an accepted token', async () => {
    expect(await unseal(SEAL, { content: 'reference', storage: 'kept', session: SESSION })).toMatchObject([
      { ok: true, storage: 'kept', session: SESSION, note: 'It contains only a reference. The session itself is in the store "kept".' },
    ])
    expect(await unseal(SEAL, { content: 'session', storage: 'kept', migration: { isOpen: true, until: 0 } })).toMatchObject([
      { ok: true, note: 'It is a cookie session. Its next request migrates it to the store "kept", until 1970-01-01T00:00:00.000Z.' },
    ])
    expect((await unseal(SEAL, { content: 'session', session: SESSION }))[0]?.note).toBeUndefined()
  })

  it('explains each seal of a header on its own', async () => {
    const results = await unseal(`Cookie: h3=${SEAL}; cart=__chunked__2; cart.1=x`, { reason: 'malformed' })
    expect(results.map(({ name, explanation }) => [name, explanation?.slice(0, 20)])).toEqual([['h3', 'It is not a valid se'], ['cart', 'It contains no seal,']])
  })

  it('unseals only the first of very many tokens, and counts the others', async () => {
    let sent = 0
    const send = async () => {
      sent++
      return { reason: 'malformed' }
    }
    const channel = { send } as unknown as WorkerChannel
    const cookies = Array.from({ length: 6000 }, (_, index) => `session.${index}=Fe26.2**aaaaaaaa`)
    const { results, more } = await unsealText(channel, `Cookie: ${cookies.join('; ')}`, ['h3'])
    expect([results.length, sent, more]).toEqual([MAX_TOKENS, MAX_TOKENS, 6000 - MAX_TOKENS])
  })
})

function sha256(text: string, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding)
}

async function unseal(text: string, result: object) {
  return (await unsealText({ send: async () => result } as unknown as WorkerChannel, text, ['h3'])).results
}
