import { PAGE_PATH, TOKEN_HEADER } from '../../../src/devtools/protocol'
import type { DevTools } from './devtools'

const TOKEN_KEY = 'nuxt-h3-session-token'
const RETRY_DELAY_MS = 2000

/** Whether the panel is a page of its own, without DevTools. */
export const isPage = location.pathname.endsWith(`${PAGE_PATH}/`)

/** Connects to the server by the token in the page's link. `onChanged` is called at every change of a session. */
export function connectToServer(onChanged: () => void): DevTools {
  const api = `${location.pathname}api`
  let token = ''
  const readLink = () => {
    const before = token
    token = takeToken()
    if (token && token !== before) void listen(`${api}/changes`, token, onChanged)
  }
  readLink()
  // A link that is opened in this tab changes only the hash.
  window.addEventListener('hashchange', () => {
    readLink()
    onChanged()
  })
  return { access: async () => ({ token, api }) }
}

/** The token of the page's link, or of the last one in this tab. */
function takeToken(): string {
  const linked = location.hash.slice(1)
  // For this tab only: other pages of the origin cannot read it.
  if (linked) sessionStorage.setItem(TOKEN_KEY, linked)
  history.replaceState(history.state, '', location.pathname)
  return sessionStorage.getItem(TOKEN_KEY) ?? ''
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
