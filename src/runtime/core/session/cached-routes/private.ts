import { tokenHeader } from '../token'
import type { TokenConfig } from '../token'
import type { SessionContext } from '../context'
import { SessionError } from '../../model/errors'
import { sessionKey } from './response-cache'

/** @throws SESSION_CACHED_ROUTE if a cached handler stores the response and its key does not separate visitors */
export function assertPrivate(context: SessionContext): void {
  const { transport, config, state } = context
  const caches = transport.caches()
  if (caches.length === 0 || state.isAnonymous) return
  assertNotNewInCache(context)
  const header = tokenHeader(transport, config)
  const key = sessionKey(header, config.name)
  for (const { checked } of caches) if (checked.get(key) !== false) throw sharedEntry(config, header)
}

/** @throws SESSION_CACHED_ROUTE if a session would start in a cached handler */
export function assertNotNewInCache(context: SessionContext): void {
  if (!isNewInCache(context)) return
  throw new SessionError('SESSION_CACHED_ROUTE',
    `the session "${context.config.name}" would start in a cached route. All visitors without a session get the same cached response. Start the session in a route without cache or isr rules. A cached route can use and write an existing session.`)
}

/** Whether the session starts inside a cached handler. The hooks of a rejected token may use such a session. */
export function isNewInCache({ env, transport, state }: SessionContext): boolean {
  const isNew = state.isAnonymous || (state.isNew && !state.isCleared)
  return isNew && transport.caches().length > 0 && !env.scope?.isInside(state)
}

export function sharedEntry({ name }: Pick<TokenConfig, 'name'>, header: string): SessionError {
  const [varies, key] = header === 'cookie' ? ['"cookie"', `the cookie "${name}"`] : [`"${header}"`, `the header "${header}"`]
  return new SessionError('SESSION_CACHED_ROUTE',
    `the session "${name}" was used in a cached route whose key does not separate visitors. One visitor's response would be served to others. Use the session in a route without cache or isr rules, or add ${varies} to the "varies" of the cached handler. If the handler has a "getKey", which replaces "varies", return a key that also contains ${key}.`)
}
