import { ref, shallowRef } from 'vue'
import type { StateResponse } from '../../../src/devtools/protocol'
import { messageOf } from '../lib/errors'
import { coalesce } from '../lib/coalesce'
import { ApiError, createHttpApi } from '../lib/http-api'
import type { PanelApi } from '../lib/panel-api'
import { reuseSame } from '../lib/sessions'
import { connectToDevTools, DEV_TOKEN_KEY } from './devtools'
import { isFramed } from './frame'

export type Status = 'connecting' | 'outside' | 'silent' | 'unauthorised' | 'ready'

const SILENT_AFTER = 6000
const RETRY_AFTER = 2000
/** The browser keeps a response's cookie a little after the server has sent it. */
const SETTLED_AFTER = 500

export const status = ref<Status>('connecting')
/** The last state that the server gave; it stays while the server is away. */
export const state = shallowRef<StateResponse>()
/** Why the state may be stale. */
export const staleReason = ref('')
export const reloadApp = shallowRef<() => void>()

let api: PanelApi | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let settled: ReturnType<typeof setTimeout> | undefined

/** The server's API; only a connected panel shows what calls it. */
export function useApi(): PanelApi {
  if (!api) throw new Error('The panel is not connected.')
  return api
}

/** Fetches the state again; calls in quick succession become one. */
export const refresh = coalesce(async () => {
  if (!api) return
  clearTimeout(retry)
  try {
    state.value = keepUnchanged(state.value, await api.state())
    staleReason.value = ''
    status.value = 'ready'
  }
  catch (error) {
    fail(error)
  }
})

/** Fetches the state at the server's news, and once more when the browser has the cookies that belong to it. */
function follow(): void {
  void refresh()
  clearTimeout(settled)
  settled = setTimeout(refresh, SETTLED_AFTER)
}

/** Connects to DevTools; in the panel's own dev loop, to sample data. */
export async function startPanel(): Promise<void> {
  if (import.meta.env.DEV && !isFramed) {
    const { createSampleApi } = await import('../sample/sample-api')
    api = createSampleApi(refresh)
    return refresh()
  }
  if (!isFramed) {
    status.value = 'outside'
    return
  }
  const timer = setTimeout(() => (status.value = 'silent'), SILENT_AFTER)
  const devtools = await connectToDevTools(follow)
  clearTimeout(timer)
  reloadApp.value = devtools.reloadApp
  api = createHttpApi({ access: devtools.access, origin: location.origin, fetch: (input, init) => fetch(input, init) })
  // Written by DevTools once the developer has authorised this browser.
  window.addEventListener('storage', event => event.key === DEV_TOKEN_KEY && refresh())
  await refresh()
}

function fail(error: unknown): void {
  const message = messageOf(error)
  const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403)
  // Without a first state, the only call before it was `access()`.
  const isAway = error instanceof ApiError || error instanceof TypeError
  staleReason.value = isAway && !(error instanceof ApiError) ? 'The development server does not answer.' : message
  if (isRefused || !isAway) status.value = 'unauthorised'
  else retry = setTimeout(refresh, RETRY_AFTER)
}

function keepUnchanged(known: StateResponse | undefined, fresh: StateResponse): StateResponse {
  if (!known) return fresh
  return {
    ...fresh,
    timeline: reuseSame(known.timeline, fresh.timeline, event => String(event.seq), (a, b) => a.at === b.at),
    sessions: reuseSame(known.sessions, fresh.sessions, session => session.key, (a, b) => JSON.stringify(a) === JSON.stringify(b)),
  }
}
