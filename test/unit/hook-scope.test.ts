import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { createHookScope } from '../../src/runtime/core/session/hook-scope'
import type { HookedSession } from '../../src/runtime/core/session/hook-scope'

const tick = () => new Promise(resolve => setImmediate(resolve))

const newSession = (): HookedSession => ({ waitsFor: [] })

describe.each([
  ['with AsyncLocalStorage', () => createHookScope(new AsyncLocalStorage())],
  ['without', () => createHookScope(undefined)],
])('the scope of hooks %s', (_, create) => {
  it('is inside while the hook of the same session runs, also after an await', async () => {
    const scope = create()
    const [state, other] = [newSession(), newSession()]
    expect(scope.isInside(state)).toBe(false)
    await scope.run(state, async () => {
      expect([scope.isInside(state), scope.isInside(other)]).toEqual([true, false])
      await tick()
      expect(scope.isInside(state)).toBe(true)
    })
    expect(scope.isInside(state)).toBe(false)
  })

  it('is inside both nested hooks', async () => {
    const scope = create()
    const [outer, inner] = [newSession(), newSession()]
    await scope.run(outer, () => scope.run(inner, async () => {
      expect([scope.isInside(outer), scope.isInside(inner)]).toEqual([true, true])
    }))
  })

  it('ends with a hook that throws', async () => {
    const scope = create()
    const state = newSession()
    await expect(scope.run(state, async () => { throw new Error('no') })).rejects.toThrow('no')
    expect(scope.isInside(state)).toBe(false)
  })

  it('stays inside until the last of parallel hooks ends', async () => {
    const scope = create()
    const state = newSession()
    let isInside: boolean | undefined
    await Promise.all([
      scope.run(state, () => Promise.resolve()),
      scope.run(state, async () => {
        await tick()
        isInside = scope.isInside(state)
      }),
    ])
    expect([isInside, scope.isInside(state)]).toEqual([true, false])
  })
})

it('a hook\'s work that is not awaited is outside after the hook', async () => {
  const scope = createHookScope(new AsyncLocalStorage())
  const state = newSession()
  let late: Promise<boolean> | undefined
  await scope.run(state, async () => { late = tick().then(() => scope.isInside(state)) })
  expect(await late).toBe(false)
})

it('a parallel call is outside with AsyncLocalStorage', async () => {
  const scope = createHookScope(new AsyncLocalStorage())
  const state = newSession()
  const hook = scope.run(state, async () => { await tick() })
  expect(scope.isInside(state)).toBe(false)
  await hook
})

it('work of an inner hook that is not awaited is inside the outer hook only', async () => {
  const scope = createHookScope(new AsyncLocalStorage())
  const [outer, inner, other] = [newSession(), newSession(), newSession()]
  await scope.run(outer, async () => {
    let late: Promise<HookedSession[]> | undefined
    await scope.run(inner, async () => {
      expect(await waitingFor(other)).toEqual([inner, outer])
      late = tick().then(() => waitingFor(other))
    })
    expect(await late).toEqual([outer])
  })
  expect([outer, inner].map(({ waitsFor }) => waitsFor)).toEqual([[], []])

  /** The sessions whose hooks wait for another, while they do. */
  async function waitingFor(session: HookedSession): Promise<HookedSession[]> {
    let waiting: HookedSession[] = []
    await scope.wait(session, () => { waiting = [inner, outer].filter(({ waitsFor }) => waitsFor.some(wait => wait.session === session)) })
    return waiting
  }
})

it('starts nothing outside all hooks', async () => {
  const scope = createHookScope(new AsyncLocalStorage())
  const start = vi.fn()
  await scope.run(newSession(), () => Promise.resolve())
  expect(scope.wait(newSession(), start)).toBeUndefined()
  expect(start).not.toHaveBeenCalled()
})

it('without AsyncLocalStorage, the end of a hook leaves the hooks of other sessions running', async () => {
  const scope = createHookScope(undefined)
  const [first, second] = [newSession(), newSession()]
  let end!: () => void
  const hook = scope.run(first, () => new Promise<void>((resolve) => { end = resolve }))
  await scope.run(second, () => Promise.resolve())
  expect([scope.isInside(first), scope.isInside(second)]).toEqual([true, false])
  end()
  await hook
})

it('is inside a hook that waits over two others, and waits end one by one', async () => {
  const scope = createHookScope(new AsyncLocalStorage())
  const [first, second, third] = [newSession(), newSession(), newSession()]
  const ends: (() => void)[] = []
  const waitFor = (session: HookedSession) => scope.wait(session, () => new Promise<void>((resolve) => { ends.push(resolve) }))
  const waits = [
    scope.run(first, async () => { await Promise.all([waitFor(third), waitFor(second)]) }),
    scope.run(second, async () => { await waitFor(third) }),
  ]
  await scope.run(third, async () => {
    ends[0]!()
    await tick()
    expect(first.waitsFor.map(({ session }) => session)).toEqual([second])
    expect([first, second].map(scope.isInside)).toEqual([true, true])
  })
  for (const end of ends) end()
  await Promise.all(waits)
})

describe('the storage', () => {
  it('is disabled when no hook runs, because it slows down every promise', async () => {
    const storage = new AsyncLocalStorage()
    const disable = vi.spyOn(storage, 'disable')
    const scope = createHookScope(storage)
    const [first, second] = [newSession(), newSession()]
    const short = scope.run(first, () => Promise.resolve())
    await scope.run(second, async () => {
      await short
      expect(disable).not.toHaveBeenCalled()
      await tick()
      expect(scope.isInside(second)).toBe(true)
    })
    expect(disable).toHaveBeenCalledOnce()
    await scope.run(first, async () => {
      await tick()
      expect(scope.isInside(first)).toBe(true)
    })
  })

  it('is disabled also after a hook that throws', async () => {
    const storage = new AsyncLocalStorage()
    const disable = vi.spyOn(storage, 'disable')
    await expect(createHookScope(storage).run(newSession(), async () => { throw new Error('no') })).rejects.toThrow('no')
    expect(disable).toHaveBeenCalledOnce()
  })

  it('stays in use where disable() throws, as on Cloudflare Workers', async () => {
    const storage = new AsyncLocalStorage()
    const disable = vi.spyOn(storage, 'disable').mockImplementation(() => { throw new Error('not implemented') })
    const scope = createHookScope(storage)
    const state = newSession()
    await scope.run(state, async () => {
      await tick()
      expect(scope.isInside(state)).toBe(true)
    })
    expect(disable).toHaveBeenCalledOnce()
  })
})
