import { describe, expect, it, vi } from 'vitest'
import { settleGuards } from '../../src/runtime/adapters/shared/guards'
import { watchGuard } from '../../src/runtime/adapters/shared/watch-guard'
import type { SessionEvent } from '../../src/runtime/adapters/shared/event'

const denied = () => Promise.reject(new Error('denied'))
const eventOf = (context: object = {}) => ({ req: { headers: new Headers() }, res: {}, context }) as unknown as SessionEvent

describe('a check of a route', () => {
  const USES: Record<string, (guard: Promise<unknown>) => unknown> = {
    'await': async guard => void await guard,
    'then': guard => guard.then(() => undefined, () => undefined),
    'catch': guard => guard.catch(() => undefined),
    'finally': guard => guard.finally(() => undefined).catch(() => undefined),
    'Promise.all': guard => Promise.all([guard, 1]),
    'Promise.race': guard => Promise.race([guard, new Promise(() => undefined)]),
    'the result of an async function': async guard => guard,
  }

  it.each(Object.keys(USES))('is not forgotten if it is used by %s', async (use) => {
    const event = eventOf()
    const onForgotten = vi.fn()
    await Promise.resolve(USES[use]!(watchGuard(event, denied(), onForgotten))).catch(() => undefined)
    expect(settleGuards(event)).toBeUndefined()
    expect(onForgotten).not.toHaveBeenCalled()
  })

  it('that nobody uses fails the response, once', async () => {
    const event = eventOf()
    const onForgotten = vi.fn()
    void watchGuard(event, denied(), onForgotten)
    await expect(settleGuards(event)).rejects.toThrow('denied')
    expect(onForgotten).toHaveBeenCalledOnce()
    expect(settleGuards(event)).toBeUndefined()
  })

  it('on a socket is the caller\'s own: no response could fail, and nothing is kept', () => {
    const peer = { request: { headers: new Headers() }, context: {} }
    const checking = Promise.resolve('checked')
    expect(watchGuard(peer, checking, () => undefined)).toBe(checking)
    expect(Reflect.ownKeys(peer.context)).toEqual([])
  })
})
