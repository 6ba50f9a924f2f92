import { onDevtoolsClientConnected } from '@nuxt/devtools-kit/iframe-client'
import { RPC_NAMESPACE } from '../../../src/devtools/protocol'
import type { AccessResponse } from '../../../src/devtools/protocol'

/** The part that the panel uses of the client that DevTools 3 or 4 injects into its frame. */
interface DevToolsClient {
  devtools: {
    /** DevTools 3. */
    extendClientRpc?: (name: string, functions: { changed: () => void }) => { access: (devToken: string) => Promise<AccessResponse> }
    /** DevTools 4. The key exists from the start, its value only when the RPC is ready. */
    devtoolsKit?: DevToolsKit
  }
  host?: { app?: { reload?: () => void } }
}

interface DevToolsKit {
  call: (name: string) => Promise<AccessResponse>
  client: { register: (fn: { name: string, type: 'event', handler: () => void }) => void }
}

export interface DevTools {
  access: () => Promise<AccessResponse>
  /** Reloads the app's page, if DevTools is open inside it. */
  reloadApp?: () => void
}

/** The localStorage key of DevTools 3 for the token of an authorised browser. */
export const DEV_TOKEN_KEY = '__nuxt_dev_token__'

/** Waits for DevTools' client. `onChanged` is called at every change of a session. */
export function connectToDevTools(onChanged: () => void): Promise<DevTools> {
  return new Promise((resolve) => {
    let isConnected = false
    onDevtoolsClientConnected((injected) => {
      // DevTools calls this several times, and DevTools 4 also before its RPC is ready.
      if (isConnected) return
      const client = injected as unknown as DevToolsClient
      const access = connectRpc(client, onChanged)
      if (!access) return
      isConnected = true
      resolve({ access, reloadApp: client.host?.app?.reload })
    })
  })
}

function connectRpc({ devtools }: DevToolsClient, onChanged: () => void): DevTools['access'] | undefined {
  if ('devtoolsKit' in devtools) {
    const kit = devtools.devtoolsKit
    if (!kit) return undefined
    kit.client.register({ name: `${RPC_NAMESPACE}:changed`, type: 'event', handler: onChanged })
    return () => kit.call(`${RPC_NAMESPACE}:access`)
  }
  const rpc = devtools.extendClientRpc?.(RPC_NAMESPACE, { changed: onChanged })
  return rpc && (() => rpc.access(localStorage.getItem(DEV_TOKEN_KEY) ?? ''))
}
