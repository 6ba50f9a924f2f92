import type { Nuxt } from '@nuxt/schema'
import type { AccessResponse } from './protocol'
import { RPC_NAMESPACE } from './protocol'

interface DevtoolsV3 {
  ensureDevAuthToken?: (token: string) => Promise<void>
  extendServerRpc?: (namespace: string, functions: object) => { broadcast: { changed: { asEvent: (seq: number) => void } } }
}

interface DevtoolsV4 {
  rpc: {
    register: (definition: { name: string, type?: string, handler: () => Promise<AccessResponse> }) => void
    broadcast: (message: { method: string, args: unknown[], event: boolean }) => void
  }
}

/** Adds a callback to a hook of DevTools, which Nuxt's types lack. */
export function onDevtools<T>(nuxt: Nuxt, name: string, callback: (argument: T) => void): void {
  (nuxt.hook as unknown as (name: string, callback: (argument: T) => void) => void)(`devtools:${name}`, callback)
}

/**
 * Gives the panel access over DevTools' own RPC. The returned function notifies all panels of a change. Broadcasts
 * reach every client of the development server, authorised or not, so they contain only a number.
 */
export function registerRpc(nuxt: Nuxt, access: AccessResponse): (seq: number) => void {
  let notify: (seq: number) => void = () => undefined
  onDevtools(nuxt, 'initialized', () => {
    const { ensureDevAuthToken, extendServerRpc } = (nuxt as unknown as { devtools?: DevtoolsV3 }).devtools ?? {}
    // DevTools 4 calls its own hook, below.
    if (!ensureDevAuthToken || !extendServerRpc) return
    const rpc = extendServerRpc(RPC_NAMESPACE, {
      // Any client of the socket can call this. DevTools' own token authorises the caller.
      access: async (token?: string) => {
        await ensureDevAuthToken(String(token ?? ''))
        return access
      },
    })
    notify = seq => rpc.broadcast.changed.asEvent(seq)
  })
  onDevtools<DevtoolsV4>(nuxt, 'ready', ({ rpc }) => {
    rpc.register({ name: `${RPC_NAMESPACE}:access`, handler: async () => access })
    notify = seq => rpc.broadcast({ method: `${RPC_NAMESPACE}:changed`, args: [seq], event: true })
  })
  return seq => notify(seq)
}
