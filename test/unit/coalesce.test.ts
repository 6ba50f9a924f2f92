import { describe, expect, it } from 'vitest'
import { coalesce } from '../../src/runtime/app/coalesce'

/** Runs that end when the test ends them. */
function runs() {
  const pending: PromiseWithResolvers<number>[] = []
  const ask = coalesce(() => {
    const run = Promise.withResolvers<number>()
    pending.push(run)
    return run.promise
  })
  return { ask, pending }
}

/** Runs the pending promise callbacks. */
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('coalesced calls', () => {
  it('run at once if nothing runs', async () => {
    const { ask, pending } = runs()
    const answer = ask()
    expect(pending).toHaveLength(1)
    pending[0]!.resolve(1)
    expect(await answer).toBe(1)
  })

  it('during a run share one more run, after it', async () => {
    const { ask, pending } = runs()
    const answers = [ask(), ask(), ask(), ask()]
    await settled()
    expect(pending).toHaveLength(1)
    pending[0]!.resolve(1)
    await settled()
    expect(pending).toHaveLength(2)
    pending[1]!.resolve(2)
    expect(await Promise.all(answers)).toEqual([1, 2, 2, 2])
    expect(pending).toHaveLength(2)
  })

  it('during the shared run get one more', async () => {
    const { ask, pending } = runs()
    const answers = [ask(), ask()]
    pending[0]!.resolve(1)
    await settled()
    answers.push(ask(), ask())
    pending[1]!.resolve(2)
    await settled()
    expect(pending).toHaveLength(3)
    pending[2]!.resolve(3)
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 3])
  })

  it('that come at the moment when a run ends are one run, and none runs beside another', async () => {
    let running = 0
    let most = 0
    let count = 0
    const ask = coalesce(async () => {
      most = Math.max(most, ++running)
      await settled()
      running--
      return ++count
    })
    const late: Promise<number>[] = []
    const first = ask().then(() => { late.push(ask(), ask()) })
    const second = ask().then(() => { late.push(ask()) })
    await Promise.all([first, second])
    await Promise.all(late)
    expect(most).toBe(1)
  })

  it('fail alone: the next run happens anyway', async () => {
    const { ask, pending } = runs()
    const [first, second] = [ask(), ask()]
    pending[0]!.reject(new Error('of the test'))
    await expect(first).rejects.toThrow('of the test')
    await settled()
    pending[1]!.resolve(2)
    expect(await second).toBe(2)
    const third = ask()
    pending[2]!.resolve(3)
    expect(await third).toBe(3)
  })
})
