import type { SessionEvent } from '../shared/event'
import { exchangeOf, isAbandoned } from './event'
import type { NextEvent } from './event'
import type { NextApp } from './responses'

type Begin = (event: SessionEvent) => (response: { status?: number, setCookies: readonly string[] }) => void

/** The requests and errors of an h3 2 app, for DevTools. */
export function recordedApp({ config }: NextApp) {
  return {
    onRequest(begin: Begin): void {
      const { onRequest, onResponse } = config
      const ends = new WeakMap<NextEvent, ReturnType<Begin>>()
      config.onRequest = (event: NextEvent) => {
        // First, an inner request is linked to its outer one.
        const result = onRequest?.(event as never)
        ends.set(event, begin(event as unknown as SessionEvent))
        return result
      }
      config.onResponse = async (response: Response, event: NextEvent) => {
        await onResponse?.(response, event as never)
        const { headers } = response
        const status = isAbandoned(event) ? undefined : response.status
        // h3 2 takes the headers from the event.
        const setCookies = headers.getSetCookie()
        ends.get(event)?.({ status, setCookies })
      }
    },
    ownCookies: (event: SessionEvent) => exchangeOf(event as unknown as NextEvent).answer.cookies,
    onError(report: (error: object, event: SessionEvent) => void): void {
      const { onError } = config
      config.onError = (error: never, event: NextEvent) => {
        report(error, event as unknown as SessionEvent)
        return onError?.(error, event as never)
      }
    },
  }
}
