import { PAGE_PATH, TOKEN_HEADER } from '../../../src/devtools/protocol'
import type { DevTools } from './devtools'

const TOKEN_KEY = 'nuxt-h3-session-token'
const RETRY_DELAY_MS = 2000

/** Whether the panel is a page of its own, without DevTools. */
export const isPage = location.pathname.endsWith(`${PAGE_PATH}/`)

/** Connects to the server by the token in the page's link. `onChanged` is called at every change of a session. */
export function connectToServer(onChanged: () => void): DevTools {
  const api = `${location.pathname}api`
  const linked = location.hash.slice(1)
  // For this tab only: other pages of the origin cannot read it.
  if (linked) sessionStorage.setItem(TOKEN_KEY, linked)
  history.replaceState(history.state, '', location.pathname)
  const token = sessionStorage.getItem(TOKEN_KEY) ?? ''
  if (token) void listen(`${api}/changes`, token, onChanged)
  return { access: async () => ({ token, api }) }
}

async function listen(url: string, token: string, onChanged: () => void): Promise<void> {
  const response = await fetch(url, { headers: { [TOKEN_HEADER]: token }, cache: 'no-store' }).catch(() => undefined)
  // The token of an earlier start of the server.
  if (response?.status === 401) return
  const reader = response?.ok ? response.body?.getReader() : undefined
  while (reader && !(await reader.read().catch(() => ({ done: true }))).done) onChanged()
  // The server has ended or restarts.
  await new Promise(resolve => setTimeout(resolve, RETRY_DELAY_MS))
  return listen(url, token, onChanged)
}
