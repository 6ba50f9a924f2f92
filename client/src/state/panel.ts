import { computed, nextTick, ref, shallowRef, watch } from 'vue'
import { throttle } from '../../../src/devtools/throttle'
import { applyResponse, expireSessions, forgetEnded } from '../lib/apply-response'
import { messageOf } from '../lib/errors'
import { AccessError, ApiError, createHttpApi, UnansweredError } from '../lib/http-api'
import type { PanelApi } from '../lib/panel-api'
import { refreshInterval } from '../lib/refresh-interval'
import { withImports } from '../lib/report'
import type { SessionReport } from '../lib/report'
import type { PanelState } from '../lib/state'
import { now } from './clock'
import { connectToDevTools, DEV_TOKEN_KEY } from './devtools'
import { isFramed } from './frame'
import { keepState, keptState } from './history'
import { connectToServer, isPage } from './page'
import { isShown } from './visibility'

export type Status = 'connecting' | 'outside' | 'silent' | 'unauthorised' | 'ready'

const CONNECT_TIMEOUT_MS = 6000
const RETRY_DELAY_MS = 2000
/** A store can fail, or get sessions of other servers, without a request of this app. */
const STORE_INTERVAL_MS = 5000
/** A browser stores a cookie slightly later than the server sends it. */
const COOKIE_DELAY_MS = 500

export const status = ref<Status>('connecting')
/** The last state from the server. It stays if the server stops answering. */
const live = shallowRef<PanelState>()
/** Sessions that were imported from files, in the memory of this page only. */
export const imports = shallowRef<SessionReport[]>([])
/** All that the panel shows. */
export const state = computed(() => live.value && withImports(live.value, imports.value))
/** While it is paused, the panel fetches nothing. */
export const isPaused = ref(false)
/** Why the state may be out of date, or empty. */
export const staleReason = ref('')
export const reloadApp = shallowRef<() => void>()

let api: PanelApi | undefined
/** Opens what this page has seen before it was reloaded. */
let historyKey: string | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let secondRefresh: ReturnType<typeof setTimeout> | undefined
/** Something has changed while the panel was hidden or paused. */
let isBehind = false
let fetchedAt = 0

/** The server's API. Components that call it are shown only after the panel is connected. */
export function useApi(): PanelApi {
  if (!api) throw new Error('The panel is not connected.')
  return api
}

/** Fetches what has changed. Calls in quick succession are combined, and a hidden panel fetches nothing. */
export const refresh = throttle(async () => {
  if (!api) return
  clearTimeout(retry)
  isBehind = isPaused.value || !isShown()
  if (isBehind) return
  fetchedAt = Date.now()
  try {
    const response = await api.state(live.value?.cursor)
    historyKey = response.historyKey
    const previous = live.value ?? await keptState(response.historyKey)
    live.value = applyResponse(previous, response, Date.now())
    staleReason.value = ''
    status.value = 'ready'
    // Rendering is part of what a fetch costs.
    await nextTick()
  }
  catch (error) {
    fail(error)
  }
}, refreshInterval)

watch(now, (time) => {
  if (isPaused.value) return
  if (live.value) live.value = expireSessions(live.value, time)
  const isStoreDue = live.value && live.value.stores.length > 0 && time - fetchedAt > STORE_INTERVAL_MS
  if (isBehind || isStoreDue) void refresh()
})

export function togglePause(): void {
  isPaused.value = !isPaused.value
  if (!isPaused.value) void refresh()
}

/** Forgets all events and ended sessions, here and in the server. */
export async function forget(): Promise<void> {
  await useApi().forget()
  if (live.value) live.value = forgetEnded(live.value)
  imports.value = []
}

/** Fetches what has changed, and once more when the browser has stored the new cookies. */
function onChanged(): void {
  if (!isShown()) {
    isBehind = true
    return
  }
  void refresh()
  clearTimeout(secondRefresh)
  secondRefresh = setTimeout(refresh, COOKIE_DELAY_MS)
}

/** Connects to DevTools, to the server itself, or to sample data in `npm run dev:client`. */
export async function startPanel(): Promise<void> {
  if (import.meta.env.DEV && !isFramed) {
    const { createSampleApi } = await import('../sample/sample-api')
    api = createSampleApi(refresh)
    return refresh()
  }
  if (!isFramed && !isPage) {
    status.value = 'outside'
    return
  }
  const timer = setTimeout(() => (status.value = 'silent'), CONNECT_TIMEOUT_MS)
  const devtools = isPage ? connectToServer(onChanged) : await connectToDevTools(onChanged)
  clearTimeout(timer)
  reloadApp.value = devtools.reloadApp
  api = createHttpApi({ access: devtools.access, origin: location.origin, fetch: (input, init) => fetch(input, init) })
  window.addEventListener('pagehide', keep)
  // DevTools writes this key when the developer has authorised this browser.
  window.addEventListener('storage', event => event.key === DEV_TOKEN_KEY && refresh())
  await refresh()
}

function keep(): void {
  if (live.value && historyKey !== undefined) keepState(live.value, historyKey)
}

function fail(error: unknown): void {
  // The page is reloaded when the server answers again.
  if (error instanceof UnansweredError) keep()
  staleReason.value = messageOf(error)
  const isForbidden = error instanceof AccessError || (error instanceof ApiError && (error.status === 401 || error.status === 403))
  if (isForbidden) status.value = 'unauthorised'
  else retry = setTimeout(refresh, RETRY_DELAY_MS)
}
