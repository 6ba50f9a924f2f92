import type { PanelState } from '../lib/state'

// The worker may have to start first, beside a server that starts too.
const ANSWER_TIMEOUT_MS = 5000

/** The worker beside the panel, or `undefined` if this browser or page has none. */
const worker = 'serviceWorker' in navigator && import.meta.env.PROD
  ? navigator.serviceWorker.register('./history-worker.js', { scope: './' }).then(({ active, waiting, installing }) => active ?? waiting ?? installing ?? undefined, () => undefined)
  : Promise.resolve(undefined)
let ready: ServiceWorker | undefined
void worker.then(found => (ready = found))

/** Hands a state to the worker, which keeps it while the page is reloaded. */
export function keepState(state: PanelState): void {
  ready?.postMessage({ keep: state })
}

/** The state that the page had before it was reloaded, if the worker still has it. */
export async function keptState(): Promise<PanelState | undefined> {
  const found = await worker
  if (!found) return undefined
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<PanelState | undefined>) => resolve(data)
    setTimeout(resolve, ANSWER_TIMEOUT_MS, undefined)
    found.postMessage({}, [port2])
  })
}
