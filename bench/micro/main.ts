// The process of the micro benchmarks. It is bundled like an app's server, receives settings and sends timings.
import { TEST_PASSWORD } from '../passwords.ts'
import { sessionRecord } from '../session-data.ts'
import type { MicroSettings } from '../settings.ts'
import { createH3v2, createHapiIron, createIronWebCrypto } from './others.ts'
import { assertOpened, createOurs } from './ours.ts'
import { createPrimitives } from './primitives.ts'
import type { Growth, MicroResults } from './results.ts'
import { timeInTurn } from './timing.ts'
import type { Timings } from './timing.ts'
import { freshSaltTokens, sameSaltTokens } from './tokens.ts'

const SIZES = [100, 1000]
const GROWTH_SIZES = [100, 250, 500, 1000, 2000, 4000, 7000]
const SLOW = 8192

const record = (bytes: number) => sessionRecord(bytes, Date.now())

/** With its own caches, which no other candidate fills. */
const newOurs = ({ caches = true, tokens = true, iterations = 1 } = {}) =>
  createOurs({ password: TEST_PASSWORD, iterations, caches, tokens })

const uncached = newOurs({ caches: false })
const ironWebCrypto = createIronWebCrypto(TEST_PASSWORD)
const hapiIron = createHapiIron(TEST_PASSWORD)
const h3v2 = createH3v2(TEST_PASSWORD, 1)

process.on('message', async (settings: MicroSettings) => process.send?.(await run(settings)))

async function run(settings: MicroSettings): Promise<MicroResults> {
  const results: MicroResults = { unseal: {}, seal: {}, slow: {}, growth: [] }
  for (const bytes of SIZES) {
    results.unseal[bytes] = await timeUnseal(bytes, settings)
    results.seal[bytes] = await timeSeal(bytes, settings)
  }
  results.slow = await timeSlow(settings)
  for (const bytes of GROWTH_SIZES) results.growth.push(await timeGrowth(bytes, settings))
  return results
}

async function timeUnseal(bytes: number, settings: MicroSettings): Promise<Timings> {
  const session = record(bytes)
  const sameSalt = sameSaltTokens(TEST_PASSWORD, session, settings.sameSaltTokens)
  const freshSalt = freshSaltTokens(TEST_PASSWORD, session, settings.freshSaltTokens)
  const token = sameSalt.next()
  const [seen, keyed, fresh] = [newOurs(), newOurs({ tokens: false }), newOurs()]
  await assertOpened(seen.unseal(token), session)
  await assertOpened(seen.unseal(token), session)
  await assertOpened(uncached.unseal(token), session)
  await Promise.all([ironWebCrypto, hapiIron, h3v2].map(other => other.unseal(token)))
  return timeInTurn([
    { name: 'seen before', run: () => seen.unseal(token) },
    { name: 'keys cached', run: () => keyed.unseal(sameSalt.next()) },
    { name: 'first seen', run: () => fresh.unseal(freshSalt.next()) },
    { name: 'caches off', run: () => uncached.unseal(token) },
    { name: 'iron-webcrypto', run: () => ironWebCrypto.unseal(token) },
    { name: '@hapi/iron', run: () => hapiIron.unseal(token) },
    { name: 'h3 v2', run: () => h3v2.unseal(token) },
  ], settings)
}

async function timeSeal(bytes: number, settings: MicroSettings): Promise<Timings> {
  const session = record(bytes)
  const ours = newOurs()
  const unsealed = await ironWebCrypto.unseal(String(await ours.seal(session)))
  if (JSON.stringify(unsealed) !== JSON.stringify(session)) throw new Error('iron-webcrypto opens our seal to something else.')
  return timeInTurn([
    { name: 'keys cached', run: () => ours.seal(session) },
    { name: 'caches off', run: () => uncached.seal(session) },
    { name: 'iron-webcrypto', run: () => ironWebCrypto.seal(session) },
    { name: '@hapi/iron', run: () => hapiIron.seal(session) },
    { name: 'h3 v2', run: () => h3v2.seal(session) },
  ], settings)
}

async function timeSlow(settings: MicroSettings): Promise<Timings> {
  const session = record(100)
  const [ours, keyed] = [newOurs({ iterations: SLOW }), newOurs({ iterations: SLOW, tokens: false })]
  const h3v2 = createH3v2(TEST_PASSWORD, SLOW)
  const sameSalt = sameSaltTokens(TEST_PASSWORD, session, settings.sameSaltTokens, SLOW)
  const token = sameSalt.next()
  await assertOpened(ours.unseal(token), session)
  await assertOpened(ours.unseal(String(await h3v2.seal(session))), session)
  return timeInTurn([
    { name: 'unseal, seen before', run: () => ours.unseal(token) },
    { name: 'unseal, keys cached', run: () => keyed.unseal(sameSalt.next()) },
    { name: 'seal, keys cached', run: () => ours.seal(session), mayWait: true },
    { name: 'unseal, h3 v2', run: () => h3v2.unseal(token) },
    { name: 'seal, h3 v2', run: () => h3v2.seal(session) },
  ], settings)
}

async function timeGrowth(bytes: number, settings: MicroSettings): Promise<Growth> {
  const session = record(bytes)
  const tokens = sameSaltTokens(TEST_PASSWORD, session, settings.sameSaltTokens)
  const token = tokens.next()
  const [seen, keyed] = [newOurs(), newOurs({ tokens: false })]
  const primitives = createPrimitives(session)
  const json = JSON.stringify(session)
  return {
    bytes,
    timings: await timeInTurn([
      { name: 'JSON.parse', run: () => JSON.parse(json) as unknown },
      { name: 'seen before', run: () => seen.unseal(token) },
      { name: 'keys cached', run: () => keyed.unseal(tokens.next()) },
      { name: 'primitives of unseal', run: primitives.unseal },
      { name: 'seal', run: () => keyed.seal(session) },
      { name: 'primitives of seal', run: primitives.seal },
    ], settings),
  }
}
