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

type AnyHook = (name: string, callback: (argument: never) => void) => void

/**
 * Gives the panel access over DevTools' own RPC. The returned function notifies all panels of a change. Broadcasts
 * reach every client of the development server, authorised or not, so they contain only a number.
 */
export function registerRpc(nuxt: Nuxt, access: AccessResponse): (seq: number) => void {
  let notify: (seq: number) => void = () => undefined
  const hook = nuxt.hook as unknown as AnyHook
  hook('devtools:initialized', () => {
    const devtools = (nuxt as unknown as { devtools?: DevtoolsV3 }).devtools
    // DevTools 4 calls its own hook, below.
    if (!devtools?.ensureDevAuthToken || !devtools.extendServerRpc) return
    const ensure = devtools.ensureDevAuthToken
    const rpc = devtools.extendServerRpc(RPC_NAMESPACE, {
      // Any client of the socket can call this. DevTools' own token authorises the caller.
      access: async (token?: string) => {
        await ensure(String(token ?? ''))
        return access
      },
    })
    notify = seq => rpc.broadcast.changed.asEvent(seq)
  })
  hook('devtools:ready', (context: never) => {
    const { rpc } = context as DevtoolsV4
    rpc.register({ name: `${RPC_NAMESPACE}:access`, handler: async () => access })
    notify = seq => rpc.broadcast({ method: `${RPC_NAMESPACE}:changed`, args: [seq], event: true })
  })
  return seq => notify(seq)
}
