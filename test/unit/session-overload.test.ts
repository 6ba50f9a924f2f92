import { expect, it } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { MAX_WAITING } from '../../src/runtime/core/seal/keys'
import { createManager } from '../../src/runtime/core/session/manager'
import { openSession } from '../../src/runtime/core/session/open'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import { PASSWORD, realCrypto } from './support/app'
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
