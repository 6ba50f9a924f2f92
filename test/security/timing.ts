/**
 * Whether the time of a rejection depends on the number of correct bytes in a forged MAC. Run it by hand, with
 * `npx jiti test/security/timing.ts`. Forged MACs whose first wrong byte is at 0, 8, 16 and 31 come in random order, and
 * each is compared with the first by Welch's t. A value above 4.5 counts as a leak (dudect). A comparison that stops at
 * the first difference shows such a leak.
 */
import { Buffer } from 'node:buffer'
import * as nodeModule from 'node:crypto'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { sealText, unsealToken } from '../../src/runtime/core/seal/seal'
import { createSealCodecs } from '../../src/runtime/core/seal/sync-codec'
import { nodeCrypto } from '../../src/runtime/server/crypto/node'
import { createQuickPrimitives } from '../../src/runtime/server/crypto/node-quick'

const PLACES = [0, 8, 16, 31]
const PASSWORD = 'a password of the tests, 32 characters long'
const NOW = Date.UTC(2031, 0, 1)
/** Slower measurements than this quantile come from the machine, not from the comparison. */
const KEPT = 0.9

/** The MAC with one bit of one byte changed. */
function forgedAt(token: string, place: number): string {
  const bytes = Buffer.from(token.slice(-43), 'base64url')
  bytes[place]! ^= 1
  return token.slice(0, -43) + bytes.toString('base64url')
}

interface Sample { times: number[] }

function statistics({ times }: Sample) {
  const kept = times.toSorted((a, b) => a - b).slice(0, Math.floor(times.length * KEPT))
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1)
  return { mean, variance, count: kept.length }
}

function welch(one: Sample, other: Sample): number {
  const [a, b] = [statistics(one), statistics(other)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count)
}

/** Measures in random order; one measurement is of `batch` calls. */
async function measure(what: string, rounds: number, batch: number, run: (index: number) => unknown): Promise<void> {
  const samples: Sample[] = PLACES.map(() => ({ times: [] }))
  for (let round = 0; round < rounds + rounds / 10; round++) {
    for (const index of PLACES.map((_, each) => each).toSorted(() => Math.random() - 0.5)) {
      const start = process.hrtime.bigint()
      for (let count = 0; count < batch; count++) {
        const result = run(index)
        if (result instanceof Promise) await result
      }
      const time = Number(process.hrtime.bigint() - start) / batch
      if (round >= rounds / 10) samples[index]!.times.push(time)
    }
  }
  const values = samples.map((sample, index) => `byte ${PLACES[index]}: ${statistics(sample).mean.toFixed(1)} ns${index === 0 ? '' : ` (t ${welch(sample, samples[0]!).toFixed(2)})`}`)
  console.log(`${what}, ${rounds} measurements of ${batch}: ${values.join(', ')}`)
}

const simple = nodeCrypto()
if (!simple) throw new Error('this needs node:crypto')
// As in a busy process.
const crypto = { ...simple, ...createQuickPrimitives({ ...nodeModule, Buffer }, nodeModule.randomBytes) }
const scale = Number(process.argv[2] ?? 1)
const config = (options: object, isSync: boolean) => resolveConfig({ password: PASSWORD, ...options }, undefined, isSync ? { createCodec: createSealCodecs(crypto) } : {})

for (const [what, isSync, options, rounds, batch] of [
  ['node:crypto, keys kept', true, {}, 20_000, 5], ['node:crypto, no caches', true, { caches: false }, 20_000, 2], ['iron-webcrypto', false, {}, 3000, 1],
] as const) {
  const resolved = config(options, isSync)
  const token = await sealText(JSON.stringify({ id: 'id', createdAt: NOW, data: { user: 'ada' } }), '', resolved, NOW)
  const forged = PLACES.map(place => forgedAt(token, place))
  await measure(what, rounds * scale, batch, index => unsealToken(forged[index]!, resolved, NOW))
}

const mac = crypto.mac('text', crypto.randomBytes(32))
const others = PLACES.map(place => forgedAt(mac, place))
await measure('the comparison alone', 20_000 * scale, 50, index => crypto.isSameMac(mac, others[index]!))
await measure('for contrast: one that stops at the first difference', 20_000 * scale, 50, index => stops(mac, others[index]!))

function stops(one: string, other: string): boolean {
  for (let at = 0; at < one.length; at++) if (one.charCodeAt(at) !== other.charCodeAt(at)) return false
  return true
}
