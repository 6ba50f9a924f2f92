import { describe, expect, it } from 'vitest'
import type { WorkerChannel } from '../../../src/devtools/channel'
import { unsealText } from '../../../src/devtools/unseal'

const SEAL = 'Fe26.2*1*a*b*c*1700000000000*d*e'
const SESSION = { id: 'a', name: 'cart', createdAt: 1, data: { n: 1 } }

describe('unsealText', () => {
  it('gives the session that the worker opened', async () => {
    expect(await unseal(`Cookie: h3=${SEAL}`, { session: SESSION, passwordIndex: 1, isLegacy: false, expiresAt: 9 })).toEqual([
      { name: 'h3', ok: true, session: SESSION, passwordIndex: 1, isLegacy: false, expiresAt: 9 },
    ])
  })

  it.each([
    ['expired', SEAL, {}, 'It has expired at 2023-11-14T22:13:20.000Z.'],
    ['expired', SEAL, { expiresAt: 0 }, 'It has expired at 1970-01-01T00:00:00.000Z.'],
    ['expired', 'Fe26.2*1*a*b*c**d*e', {}, 'It has expired.'],
    ['idle', SEAL, { expiresAt: 0 }, 'It was not used for longer than idleTimeout allows; it ended at 1970-01-01T00:00:00.000Z.'],
    ['foreign', SEAL, { session: SESSION }, 'It is a session named "cart", not "the default".'],
    ['foreign', SEAL, { session: { ...SESSION, name: undefined } }, 'It is a session named "(none)", not "the default", and acceptUnnamed is off.'],
    ['tampered', SEAL, {}, 'No configured password opens it: it was sealed with another password, cut off, or changed.'],
    ['tampered', SEAL, { hint: 8192 }, 'The password is right, but it was sealed with 8192 iterations as h3 2 does. Set seal.encryption.iterations and seal.integrity.iterations to 8192.'],
    ['tampered', SEAL, { hint: 1 }, 'The password is right, but it was sealed with 1 iteration. Set seal.encryption.iterations and seal.integrity.iterations to 1, or legacySealFallback.'],
    ['malformed', '', {}, 'There is no seal in it, or chunks of it are missing.'],
    ['malformed', 'hello', {}, 'It is no seal: a seal begins with "Fe26.2**".'],
    ['malformed', 'Fe26.2*1*a*b*c', {}, 'It is cut off: a seal has 8 parts between asterisks, this has 5.'],
    ['malformed', SEAL, {}, 'It is no seal that this app makes: it is cut off, too long, or of another kind.'],
    ['else', SEAL, {}, 'It is refused: else.'],
  ])('explains why a seal is %s', async (reason, text, result, explanation) => {
    expect(await unseal(text, { reason, ...result })).toMatchObject([{ ok: false, reason, explanation }])
  })

  it('explains each seal of a header on its own', async () => {
    const results = await unseal(`Cookie: h3=${SEAL}; cart=__chunked__2; cart.1=x`, { reason: 'malformed' })
    expect(results.map(({ name, explanation }) => [name, explanation?.slice(0, 20)])).toEqual([['h3', 'It is no seal that t'], ['cart', 'There is no seal in ']])
  })
})

function unseal(text: string, result: object) {
  return unsealText({ send: async () => result } as unknown as WorkerChannel, text, ['h3'])
}
