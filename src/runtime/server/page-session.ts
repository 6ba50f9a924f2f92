import { clientDataOf, clientKeysOf } from '../core/config/client-data'
import { defaultNameOf } from '../core/config/resolve'
import type { SessionContext } from '../core/session/context'
import { SessionError } from '../core/model/errors'
import type { SessionDataShape } from '../core/model/types'
import { use } from '../core/session/open'
import { readToken } from '../core/session/token'
import { clear } from '../core/session/transaction'
import { attempt } from '../core/utils/maybe-promise'
import { followH3 } from '../core/session/h3-bridge'
import type { SessionEvent } from '../adapters/shared/event'
import type { PageDelivery, PageSession } from '../shared/page-session'
import type { SessionHost } from '../adapters/shared/host'
import { useEnvironment } from './environment'
import { isPlainDevelopment, openEvent, resolvedConfig, sessionTransportOf } from './open'
import { requireSession } from './utils/require-session'

/** Opens a page's session while it is rendered. */
export async function openPageSession(event: SessionEvent, isPrerendered: boolean, delivery: PageDelivery | undefined): Promise<PageSession> {
  const { host, warnOnce } = useEnvironment()
  const clientKeys = () => clientKeysOf(host.sessionConfig(event))
  let read = (): SessionDataShape => ({})
  const kind = await kindOf(event, isPrerendered, host)
  if (kind === 'rendered') {
    const isStreamed = Boolean(delivery?.canStream && delivery.prefersStream)
    try {
      if (isStreamed) {
        // The headers are sent before it is known whether the page uses the session.
        const { cacheHeaders, vary } = resolvedConfig(event)
        if (cacheHeaders) host.transportOf(event).markPrivate(vary)
      }
      // A renewed cookie must be sent before the first byte, even if the page uses the session later.
      if (isStreamed || clientKeys().length > 0) {
        const data = strangerData(event) ?? openedData(await openEvent(event, undefined, 'preload'))
        read = () => clientDataOf(data(), clientKeys())
      }
    }
    catch (error) {
      // Only a page that uses the session fails.
      read = () => failUnhandled(error)
    }
  }
  return {
    kind,
    read,
    clear: () => attempt(openEvent, event, undefined, 'preload').then(clear).catch(failUnhandled),
    meets({ userId = true, maxAuthAge }) {
      const checking = requireSession(event, { ...userId && { userId }, maxAuthAge })
      return checking.then(() => true, (error: { statusCode?: number }) => error.statusCode === 401 ? false : failUnhandled(error))
    },
    ...(host.isDevelopment || host.isPrerendering) && { warnOnce },
  }
}

function openedData(context: SessionContext): () => SessionDataShape {
  return () => {
    followH3(context)
    return use(context).state.record.data
  }
}

/**
 * Reads the data of a request without a token and a session. `undefined` for other requests. Most visitors of most pages
 * have none, so nothing is opened; but an inner request may start a session before the page reads it.
 */
function strangerData(event: SessionEvent): (() => SessionDataShape) | undefined {
  const config = resolvedConfig(event)
  const { name, storage, cacheHeaders, vary } = config
  const { host, observe } = useEnvironment()
  // DevTools look for cookies that did not come back.
  if (observe) return undefined
  const transport = sessionTransportOf(event, config, host)
  const { states, sessions } = transport
  if (states[name] || sessions[name] || transport.caches().length > 0 || readToken(transport, config)) return undefined
  return () => {
    if (cacheHeaders) transport.markPrivate(vary)
    const session = storage === undefined ? sessions[name] : states[name]?.record
    return session?.data ?? {}
  }
}

async function kindOf(event: SessionEvent, isPrerendered: boolean, host: SessionHost): Promise<PageSession['kind']> {
  if (host.isPrerendering || isPrerendered) return 'prerendered'
  return host.transportOf(event).caches().length > 0 && await isCachedPage(event, host) ? 'cached' : 'rendered'
}

/** Whether the page is cached for all visitors. Does not resolve options, because such a page needs no password. */
async function isCachedPage(event: SessionEvent, host: SessionHost): Promise<boolean> {
  const config = { name: defaultNameOf(host.sessionConfig(event), isPlainDevelopment(event)), sessionHeader: false, cookie: true } as const
  const { checkCaches } = await import('../core/session/cached-routes/check')
  // The error is for routes. The page is rendered without a session.
  return checkCaches(host.transportOf(event), config).then(() => false, () => true)
}

/**
 * Nuxt shows the message of a page's error to the visitor and does not log it. This marks failures as unhandled, so
 * that they are logged, as in a route. An error with a status from an app's hook is a response and stays as it is.
 */
function failUnhandled(error: unknown): never {
  const isFailure = error instanceof SessionError || (error instanceof Error && !('statusCode' in error))
  throw isFailure ? Object.assign(error, { unhandled: true }) : error
}
