import { describe, expect, it } from 'vitest'
import type { WorkerChannel } from '../../../src/devtools/channel'
import { unsealText } from '../../../src/devtools/unseal'

const SEAL = 'Fe26.2*1*a*b*c*1700000000000*d*e'
const SESSION = { id: 'a', name: 'cart', createdAt: 1, data: { n: 1 } }

describe('unsealText', () => {
  it('gives the session that the worker opened', async () => {
    expect(await unseal(`Cookie: h3=${SEAL}`, { session: SESSION, passwordIndex: 1, isFallback: false, expiresAt: 9 })).toEqual([
      { name: 'h3', ok: true, session: SESSION, passwordIndex: 1, isFallback: false, expiresAt: 9 },
    ])
  })

  it.each([
    ['expired', SEAL, {}, 'It has expired at 2023-11-14T22:13:20.000Z.'],
    ['expired', SEAL, { expiresAt: 0 }, 'It has expired at 1970-01-01T00:00:00.000Z.'],
    ['expired', 'Fe26.2*1*a*b*c**d*e', {}, 'It has expired.'],
    ['idle', SEAL, { expiresAt: 0 }, 'It was not used for longer than idleTimeout allows; it ended at 1970-01-01T00:00:00.000Z.'],
    ['foreign', SEAL, { sealedName: 'cart' }, 'It is a session named "cart", not "the default".'],
    ['foreign', SEAL, {}, 'It is a session named "(none)", not "the default", and acceptUnnamed is off.'],
    ['tampered', SEAL, {}, 'No configured password opens it: it was sealed with another password, cut off, or changed.'],
    ['tampered', SEAL, { hint: 8192 }, 'The password is right, but it was sealed with 8192 iterations as h3 2 does. Set seal.encryption.iterations and seal.integrity.iterations to 8192.'],
    ['tampered', SEAL, { hint: 1 }, 'The password is right, but it was sealed with 1 iteration. Set seal.encryption.iterations and seal.integrity.iterations to 1, or legacySealFallback.'],
    ['malformed', '', {}, 'There is no seal in it, or chunks of it are missing.'],
    ['malformed', 'hello', {}, 'It is no seal: a seal begins with "Fe26.2**".'],
    ['malformed', 'Fe26.2*1*a*b*c', {}, 'It is cut off: a seal has 8 parts between asterisks, this has 5.'],
    ['malformed', SEAL, {}, 'It is no seal that this app makes: it is cut off, too long, or of another kind.'],
    ['malformed', SEAL, { holds: 'reference' }, 'It only refers to a session in a store, and the app has none: set storage.'],
    ['malformed', `h3=${SEAL}`, { holds: 'reference' }, 'It only refers to a session in a store, and "h3" has none: set storage.'],
    ['malformed', SEAL, { holds: 'reference', storage: 'kept', record: 'broken' }, 'What the store "kept" has of it is no record of a session.'],
    ['expired', SEAL, { holds: 'reference', storage: 'kept', record: 'none' }, 'The store "kept" has no record of the session: it has expired, or was lost or removed there.'],
    ['expired', SEAL, { holds: 'session', storage: 'kept', takeover: { isOpen: false } },
      'It holds the whole session, and sessions of this name are kept in the store "kept": whole ones are taken over only where migrateUntil says until when.'],
    ['expired', SEAL, { holds: 'session', storage: 'kept', takeover: { isOpen: false, until: 0 } },
      'It holds the whole session, and sessions of this name are kept in the store "kept": whole ones were taken over until 1970-01-01T00:00:00.000Z, by migrateUntil.'],
    ['revoked', SEAL, { holds: 'reference' }, 'It is revoked: it was cleared, or revoked by its handle or with all sessions of its user.'],
    ['superseded', SEAL, { holds: 'reference' }, 'It is superseded: regenerate() gave the session another id.'],
    ['superseded', SEAL, { holds: 'session', storage: 'kept' }, 'It is superseded: the session was taken over into the store "kept", under another id.'],
    ['else', SEAL, {}, 'It is refused: else.'],
  ])('explains why a seal is %s', async (reason, text, result, explanation) => {
    expect(await unseal(text, { reason, ...result })).toMatchObject([{ ok: false, reason, explanation }])
  })

  it('says what is to be known of one that is accepted', async () => {
    expect(await unseal(SEAL, { holds: 'reference', storage: 'kept', session: SESSION })).toMatchObject([
      { ok: true, storage: 'kept', session: SESSION, note: 'It only refers to the session, which the store "kept" keeps.' },
    ])
    expect(await unseal(SEAL, { holds: 'session', storage: 'kept', takeover: { isOpen: true, until: 0 } })).toMatchObject([
      { ok: true, note: 'It holds the whole session. With its next request it will be taken over into the store "kept", until 1970-01-01T00:00:00.000Z.' },
    ])
    expect((await unseal(SEAL, { holds: 'session', session: SESSION }))[0]?.note).toBeUndefined()
  })

  it('explains each seal of a header on its own', async () => {
    const results = await unseal(`Cookie: h3=${SEAL}; cart=__chunked__2; cart.1=x`, { reason: 'malformed' })
    expect(results.map(({ name, explanation }) => [name, explanation?.slice(0, 20)])).toEqual([['h3', 'It is no seal that t'], ['cart', 'There is no seal in ']])
  })
})

function unseal(text: string, result: object) {
  return unsealText({ send: async () => result } as unknown as WorkerChannel, text, ['h3'])
}
