import type { Nuxt } from '@nuxt/schema'
import { describe, expect, it, vi } from 'vitest'
import { registerRpc } from '../../../src/devtools/rpc'

const ACCESS = { token: 'test-only-token', api: '/__nuxt_session__/api' }

describe('registerRpc with DevTools 3', () => {
  it('gives access to clients with DevTools\' token, and sends a number at each change', async () => {
    const { nuxt, run } = fakeNuxt()
    const asEvent = vi.fn()
    let access: (token?: unknown) => Promise<unknown> = async () => undefined
    nuxt.devtools = {
      ensureDevAuthToken: async (token: string) => {
        if (token !== 'good') throw new Error('Invalid dev auth token.')
      },
      extendServerRpc: (_: string, functions: { access: typeof access }) => {
        access = functions.access
        return { broadcast: { changed: { asEvent } } }
      },
    }
    const changed = registerRpc(nuxt as unknown as Nuxt, ACCESS)
    changed(1)
    run('devtools:initialized')
    for (const token of [undefined, null, '', 'bad', ['good', 'bad'], {}]) await expect(access(token)).rejects.toThrow('Invalid')
    expect(await access('good')).toBe(ACCESS)
    changed(2)
    expect(asEvent.mock.calls).toEqual([[2]])
  })
})

describe('registerRpc with DevTools 4', () => {
  it('registers with its RPC, which checks authorisation itself, and sends a number at each change', async () => {
    const { nuxt, run } = fakeNuxt()
    const rpc = { register: vi.fn(), broadcast: vi.fn() }
    const changed = registerRpc(nuxt as unknown as Nuxt, ACCESS)
    run('devtools:initialized')
    run('devtools:ready', { rpc })
    changed(3)
    expect(rpc.register.mock.calls).toEqual([[{ name: 'nuxt-h3-session:access', handler: expect.any(Function) }]])
    expect(await rpc.register.mock.calls[0]![0].handler()).toBe(ACCESS)
    expect(rpc.broadcast.mock.calls).toEqual([[{ method: 'nuxt-h3-session:changed', args: [3], event: true }]])
  })
})

function fakeNuxt() {
  const hooks = new Map<string, (argument: unknown) => void>()
  return {
    nuxt: { hook: (name: string, callback: (argument: unknown) => void) => void hooks.set(name, callback), devtools: undefined as unknown },
    run: (name: string, argument?: unknown) => hooks.get(name)?.(argument),
  }
}
