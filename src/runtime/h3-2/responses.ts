import { isNextEvent } from './event'
import type { NextEvent } from './event'
import { applyAnswer, exchangeOf } from './exchange'
import type { SessionAnswer } from './exchange'

/** What of an h3 2 app is looked at. */
export interface NextApp {
  config: {
    onRequest?: (event: never) => unknown
    onResponse?: (response: Response, event: never) => unknown
  }
  handler: (event: never) => unknown
}

/**
 * Sees to it that every response of an app says what its sessions add, whatever the app sets later: returned web
 * Responses, redirects and errors too. What comes after is too late for a write.
 */
export function watchResponses(app: NextApp): void {
  const { onRequest, onResponse } = app.config
  const handle = app.handler as (event: NextEvent) => unknown

  app.config.onRequest = (event: NextEvent) => {
    exchangeOf(event)
    return onRequest?.(event as never)
  }

  app.handler = (event: NextEvent) => {
    const value = handle(event)
    return value instanceof Promise ? value.then(answer => thawed(answer, event)) : thawed(value, event)
  }

  app.config.onResponse = async (response: Response, event: NextEvent) => {
    try {
      await onResponse?.(response, event as never)
    }
    finally {
      const exchange = exchangeOf(event)
      exchange.isSent = true
      if (says(exchange.answer)) applyAnswer(response, exchange.answer)
    }
  }
}

/** A response of which nothing can be set, such as of `fetch` or `Response.redirect`, as one of which it can. */
function thawed(value: unknown, event: NextEvent): unknown {
  if (!(value instanceof Response) || !isNextEvent(event) || !says(exchangeOf(event).answer)) return value
  return isFrozen(value.headers) ? new Response(value.body, value) : value
}

function isFrozen(headers: Headers): boolean {
  try {
    headers.delete('x-nuxt-h3-session-none')
    return false
  }
  catch {
    return true
  }
}

function says({ cookies, headers, caching }: SessionAnswer): boolean {
  return caching !== undefined || cookies.length > 0 || headers.size > 0
}
