import { OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { confirmRenewals } from '../../core/session/state'
import { andThen } from '../../core/utils/maybe-promise'
import type { SessionEvent } from '../shared/event'
import { settleGuards } from '../shared/guards'
import type { ReleaseEntry } from '../shared/host'
import { applyAnswer, exchangeOf } from './event'
import type { Exchange, NextEvent } from './event'

/** Key of an app's environment, for `nuxt-h3-session/h3-devtools`. */
export const ENVIRONMENT = Symbol.for('nuxt-h3-session.environment')

/** The used part of an h3 2 app. */
export interface NextApp {
  [ENVIRONMENT]?: unknown
  config: {
    onRequest?: (event: never) => unknown
    onResponse?: (response: Response, event: never) => unknown
    onError?: (error: never, event: never) => unknown
  }
  handler: (event: never) => unknown
}

/** Adds the session headers to every response of an app, including errors and returned Responses. Later writes throw. */
export function watchResponses(app: NextApp, release: ReleaseEntry): void {
  const { onRequest, onResponse, onError } = app.config
  const handle = app.handler as (event: NextEvent) => unknown

  app.config.onRequest = (event: NextEvent) => {
    exchangeOf(event)
    return onRequest?.(event as never)
  }

  // The app's own hook may still write a session.
  const opened = (value: unknown, event: NextEvent) =>
    onResponse || hasContent(exchangeOf(event).answer) ? mutableCopy(value) : value
  const respond = (value: unknown, event: NextEvent): unknown => {
    // An inner request may have the context of the outer one, which can still await its checks.
    const guards = exchangeOf(event).event === event ? settleGuards(event) : undefined
    if (guards) return guards.then(() => respond(value, event), error => fail(error, event))
    const confirmed = (answer: unknown) => andThen(confirmRenewals(exchangeOf(event).states), () => opened(answer, event))
    const checked = checkEntry(release, value, event)
    return checked instanceof Promise ? checked.then(confirmed, error => fail(error, event)) : confirmed(checked)
  }

  app.handler = (event: NextEvent) => {
    const value = handle(event)
    return value instanceof Promise ? value.then(answer => respond(answer, event), error => fail(error, event)) : respond(value, event)
  }
  if (onError) app.config.onError = (error: never, event: NextEvent) => andThen(onError(error, event as never), answer => opened(answer, event))

  app.config.onResponse = async (response: Response, event: NextEvent) => {
    try {
      await onResponse?.(response, event as never)
    }
    finally {
      const exchange = exchangeOf(event)
      // An inner request with the context of the outer one has no exchange of its own.
      if (exchange.event === event) {
        exchange.isSent = true
        if (hasContent(exchange.answer)) applyAnswer(response, exchange.answer)
        // Only the entry of a cached handler needs it.
        if (response.headers.has(OWNERS_HEADER)) response.headers.delete(OWNERS_HEADER)
      }
    }
  }
}

/** Confirms the sessions' renewals before the error is handled. */
async function fail(error: unknown, event: NextEvent): Promise<never> {
  await confirmRenewals(exchangeOf(event).states)
  throw error
}

/** Copies a response with immutable headers, such as of `fetch` or `Response.redirect`. */
function mutableCopy(value: unknown): unknown {
  if (!(value instanceof Response)) return value
  try {
    value.headers.delete('x-nuxt-h3-session-none')
    return value
  }
  catch {
    return new Response(value.body, value)
  }
}

function hasContent({ cookies, headers, caching, clearsCache }: Exchange['answer']): boolean {
  return clearsCache || caching !== undefined || cookies.length > 0 || headers.size > 0
}

/** Checks a handler's response if it is a cache entry with sessions. */
export function checkEntry(release: ReleaseEntry, value: unknown, event: NextEvent): unknown {
  const owners = value instanceof Response ? value.headers.get(OWNERS_HEADER) : null
  return owners === null ? value : withoutOwners(release(event as unknown as SessionEvent, owners), value as Response, event)
}

async function withoutOwners(checking: Promise<void>, { body, headers, status, statusText }: Response, event: NextEvent): Promise<Response> {
  await checking.catch((error: unknown) => {
    // A cached handler has staged some of the entry's headers. The error's response must not have them.
    for (const name of headers.keys()) if (name !== 'set-cookie') event.res.headers.delete(name)
    throw error
  })
  const rest = new Headers(headers)
  rest.delete(OWNERS_HEADER)
  return new Response(body, { headers: rest, status, statusText })
}
