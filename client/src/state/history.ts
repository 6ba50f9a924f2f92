import type { PanelState } from '../lib/state'

// The worker may have to start first, beside a server that starts too.
const ANSWER_TIMEOUT_MS = 10_000

/** The worker beside the panel, or `undefined` if this browser or page has none. */
const worker = register()
let ready: ServiceWorker | undefined
void worker.then(found => (ready = found))

async function register(): Promise<ServiceWorker | undefined> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return undefined
  const script = new URL('./history-worker.js', location.href).href
  // Where the script cannot be fetched, such as while the server restarts, the worker of the page before still runs.
  const registration = await navigator.serviceWorker.register(script, { scope: './' }).catch(() => navigator.serviceWorker.getRegistration())
  // Another page of the origin may have registered another script for this scope.
  return [registration?.active, registration?.waiting, registration?.installing].find(found => found?.scriptURL === script) ?? undefined
}

/** Hands a state to the worker, which keeps it while the page is reloaded. */
export function keepState(state: PanelState, key: string): void {
  ready?.postMessage({ keep: state, key })
}

/** The state that the page had before it was reloaded, if the worker still has it under this key. */
export async function keptState(key: string): Promise<PanelState | undefined> {
  const found = await worker
  if (!found) return undefined
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<PanelState | undefined>) => resolve(data)
    setTimeout(resolve, ANSWER_TIMEOUT_MS, undefined)
    found.postMessage({ key }, [port2])
  })
}
