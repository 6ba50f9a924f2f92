import { useSession } from 'h3'
import { describe, expect, it, vi } from 'vitest'
import { PASSWORD, TestApp } from './support/app'
import { h3Event } from './support/h3'

describe('the manager of a session', () => {
  it('has the own properties of h3\'s manager, and does not expose its options', async () => {
    const { result: session } = await new TestApp().browser().visit(({ use }) => use())
    const theirs = await useSession(h3Event(), { password: PASSWORD })
    expect(Object.keys(session)).toEqual(expect.arrayContaining(Object.keys(theirs)))
    expect(Object.entries(session).filter(([, value]) => typeof value !== 'function').map(([key]) => key)).toEqual(['id', 'data'])
    expect(Object.getOwnPropertySymbols(session)).toEqual([])
    expect(JSON.parse(JSON.stringify(session))).toEqual({ id: 'id-1', data: {} })
    expect(JSON.stringify({ ...session })).not.toContain(PASSWORD)
  })

  it('has methods that work without it, and are the same each time', async () => {
    const { result } = await new TestApp().browser().visit(async ({ use }) => {
      const session = await use()
      const { update, replace, regenerate, flash, clear } = session
      expect([session.update, session.replace, session.regenerate, session.flash, session.clear]).toEqual([update, replace, regenerate, flash, clear])
      expect(await update({ a: 1 })).toBe(session)
      expect(await replace({ b: 2 })).toBe(session)
      await flash('note', 'saved')
      const { id } = session
      expect(await regenerate({ userId: 'ada' })).toBe(session)
      expect([session.id === id, { ...session.data }, session.userId, await flash('note')]).toEqual([false, { b: 2 }, 'ada', 'saved'])
      expect(await clear()).toBe(session)
      return session
    })
    expect([result.id, { ...result.data }]).toEqual([undefined, {}])
  })

  it.each(['update', 'replace', 'regenerate', 'flash', 'clear'] as const)('lets a test put its own %s in place', async (name) => {
    const { result: session } = await new TestApp().browser().visit(({ use }) => use())
    const spy = vi.spyOn(session, name)
    expect(session[name]).toBe(spy)
  })
})
