import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { FORGED_ITERATIONS, MAX_WAITING } from '../../src/runtime/core/seal/key-derivation'
import { createManager } from '../../src/runtime/core/session/manager'
import { openSession } from '../../src/runtime/core/session/open'
import { sealText, unsealToken } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import { OLD_PASSWORD, PASSWORD, realCrypto } from './support/app'
import { FakeTransport } from './support/transport'
import { FakeEnvironment } from './support/environment'

const SEAL = { encryption: { iterations: 2 }, integrity: { iterations: 2 } } as never
const SIBLINGS = { names: [], resolve: () => { throw new Error('there is no other session') } }

it('a token that was not checked because of an overload is rejected, and the visitor keeps the cookie', async () => {
  const env = new FakeEnvironment()
  const held: (() => void)[] = []
  const crypto = realCrypto()
  const createCodec = createSealCodecs({
    ...crypto,
    derive: (...args) => new Promise((resolve, reject) => held.push(() => crypto.derive(...args).then(resolve, reject))),
  })
  const config = resolveConfig({ password: PASSWORD, seal: SEAL }, undefined, { createCodec })
  const token = (salt: number) => `Fe26.2**${'0'.repeat(64)}*${'A'.repeat(22)}*${'A'.repeat(64)}**${String(salt).padStart(64, '0')}*${'A'.repeat(43)}`
  const requests = Array.from({ length: MAX_WAITING + 3 }, async (_, salt) => {
    const transport = new FakeTransport({ cookie: `h3=${token(salt)}` })
    const session = createManager(await openSession(env, transport, config, SIBLINGS, 'create'))
    return { session, transport }
  })
  const { session, transport } = await requests[2]!
  expect([session.isNew, transport.setCookies(), env.reasons]).toEqual([true, [], ['overloaded']])
  // The others are derived one after the other.
  let isDone = false
  const others = Promise.all(requests.toSpliced(2, 1).slice(0, 2)).finally(() => { isDone = true })
  while (!isDone) {
    held.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  await others
  expect(env.reasons.filter(reason => reason === 'overloaded')).toHaveLength(1)
})

describe('the iterations that forged tokens may cost', () => {
  const SEAL = { encryption: { iterations: 2 * FORGED_ITERATIONS }, integrity: { iterations: 2 * FORGED_ITERATIONS } } as never
  const NOW = Date.UTC(2031, 0, 1)

  /** A process that derives each key with one iteration, and whose clock stands still. */
  function createProcess() {
    const waits: number[] = []
    const crypto = realCrypto()
    const createCodec = createSealCodecs({
      ...crypto,
      now: () => 0,
      wait: (milliseconds) => {
        waits.push(milliseconds)
        return new Promise(() => {})
      },
      derive: async (password, salt) => crypto.deriveSync(password, salt, 1),
    })
    const resolve = (...password: string[]) => resolveConfig({ password, seal: SEAL }, undefined, { createCodec })
    return { waits, seal: (password: string) => sealText('{}', '', resolve(password), NOW), unseal: (token: string) => unsealToken(token, resolve(PASSWORD, OLD_PASSWORD), NOW) }
  }
  const seals = (password: string) => Promise.all([createProcess(), createProcess()].map(({ seal }) => seal(password)))

  it('are counted for every password that was tried, and the next unknown salt waits', async () => {
    const { waits, unseal } = createProcess()
    const [forged, good] = [(await seals('another-password-of-32-characters!'))[0]!, (await seals(PASSWORD))[0]!]
    expect(await unseal(forged)).toMatchObject({ reason: 'tampered' })
    void unseal(good)
    expect(waits).toEqual([3000])
  })

  it('are counted once for parallel tokens that share a derivation', async () => {
    const { waits, unseal } = createProcess()
    const [forged, good] = [(await seals('another-password-of-32-characters!'))[0]!, (await seals(PASSWORD))[0]!]
    await Promise.all(Array.from({ length: 100 }, () => unseal(forged)))
    void unseal(good)
    expect(waits).toEqual([3000])
  })

  it('do not contain those of a rotated password', async () => {
    const { waits, unseal } = createProcess()
    for (const token of await seals(OLD_PASSWORD)) expect(await unseal(token)).toMatchObject({ ok: true, passwordIndex: 1 })
    expect(waits).toEqual([])
  })
})
