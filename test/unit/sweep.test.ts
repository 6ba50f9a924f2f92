import { describe, expect, it } from 'vitest'
import type { SweptBatch } from '../../src/runtime/core/store/store'
import { Sweeper } from '../../src/runtime/server/sweep'
import { FakeStoreEnvironment, settle } from './store/support/fake-environment'

const NONE: SweptBatch = { removed: 0, isLast: true }

/** A store whose batches have these results and then none, and when each batch began, in milliseconds since the start. */
function storeOf(env: FakeStoreEnvironment, results: (SweptBatch | Error | Promise<SweptBatch>)[] = [], duration = 0) {
  const start = env.time
  const begun: number[] = []
  const sweep = async () => {
    begun.push(env.time - start)
    env.time += duration
    const result = await (results.shift() ?? NONE)
    if (result instanceof Error) throw result
    return result
  }
  return { begun, sweep }
}

/** A sweeper of such stores. */
function given(env: FakeStoreEnvironment, ...stores: ReturnType<typeof storeOf>[]) {
  const errors: number[] = []
  const sweeper = new Sweeper({ stores: () => stores, now: env.now, startTimer: env.startTimer, onError: () => errors.push(env.time) })
  const pass = async (ms: number) => {
    for (const end = env.time + ms; env.time < end;) await env.advance(10)
  }
  return { sweeper, errors, pass }
}

const batch = (removed: number, isLast = false): SweptBatch => ({ removed, isLast })

describe('the sweep of a store', () => {
  it('is rare as long as it finds few ended items', async () => {
    const env = new FakeStoreEnvironment()
    const store = storeOf(env, [NONE, batch(9), batch(9), batch(9, true)])
    await given(env, store).pass(20_000)
    expect(store.begun).toEqual([5000, 10_000, 15_000, 20_000])
  })

  it('goes on soon after a batch with many, until a whole round has found few', async () => {
    const env = new FakeStoreEnvironment()
    const store = storeOf(env, [batch(0), batch(10), batch(0), batch(100), batch(0, true), batch(0), batch(9), batch(0, true)])
    await given(env, store).pass(20_000)
    expect(store.begun).toEqual([5000, 10_000, 10_100, 10_200, 10_300, 10_400, 10_500, 10_600, 15_600])
  })

  it('leaves a slow store in peace for three times as long as a batch takes', async () => {
    const env = new FakeStoreEnvironment()
    const store = storeOf(env, [batch(100), batch(100), batch(100)], 200)
    await given(env, store).pass(7000)
    expect(store.begun).toEqual([5000, 5800, 6600])
  })

  it('begins no batch before the last one is over', async () => {
    const env = new FakeStoreEnvironment()
    let end = (_batch: SweptBatch): void => undefined
    const store = storeOf(env, [new Promise<SweptBatch>(resolve => end = resolve)])
    const { pass } = given(env, store)
    await pass(60_000)
    expect(store.begun).toEqual([5000])
    end(NONE)
    await pass(5000)
    expect(store.begun).toEqual([5000, 65_000])
  })

  it('does not hurry with a store because another one has much to remove', async () => {
    const env = new FakeStoreEnvironment()
    const [calm, busy] = [storeOf(env), storeOf(env, Array.from({ length: 60 }, () => batch(100)))]
    await given(env, calm, busy).pass(10_000)
    expect(calm.begun).toEqual([5000, 10_000])
    expect(busy.begun).toHaveLength(51)
  })

  it('is tried again after a failure, which does not keep other stores from being swept', async () => {
    const env = new FakeStoreEnvironment()
    const [failing, other] = [storeOf(env, [new Error('down'), new Error('down')]), storeOf(env)]
    const { errors, pass } = given(env, failing, other)
    await pass(15_000)
    expect([failing.begun, other.begun]).toEqual([[5000, 10_000, 15_000], [5000, 10_000, 15_000]])
    expect(errors).toHaveLength(2)
  })

  it.each(['between two batches', 'during a batch'])('stops %s for good', async (when) => {
    const env = new FakeStoreEnvironment()
    let end = (_batch: SweptBatch): void => undefined
    const store = storeOf(env, when === 'during a batch' ? [new Promise<SweptBatch>(resolve => end = resolve)] : [])
    const { sweeper, pass } = given(env, store)
    await pass(7000)
    sweeper.stop()
    end(batch(100))
    await settle()
    await pass(20_000)
    expect(store.begun).toEqual([5000])
    expect(env.timers).toBe(0)
  })
})
