import type { SessionRouteRule } from '../../core/model/types'
import { andThen } from '../../core/utils/maybe-promise'
import type { SessionEvent } from '../shared/event'
import type { OriginGuard } from '../shared/host'
import { isSafeMethod } from '../shared/method'
import { exchangeOf } from './event'
import type { NextEvent } from './event'

/** The middleware of an h3 2 app, in its order. */
export interface MiddlewareApp {
  '~middleware': ((event: NextEvent, next: () => unknown) => unknown)[]
}

/** Refuses state-changing requests and WebSockets of other origins, before all other middleware. */
export function guardOrigins(app: MiddlewareApp, guard: OriginGuard): void {
  app['~middleware'].unshift((event, next) => {
    // crossws asks the app about an upgrade, with a GET request.
    const isUpgrade = event.req.headers.has('upgrade')
    if (!isUpgrade && isSafeMethod(event.req.method)) return next()
    // The app itself made an inner request, with the headers of the outer one.
    const refusal = exchangeOf(event).outer ? undefined : guard(event as unknown as SessionEvent, () => ruleOf(event))
    return andThen(refusal, (error) => {
      if (!error) return next()
      if (!isUpgrade) throw error
      const refuse = () => Response.json(error, { status: 403 })
      return Object.assign(refuse(), { crossws: { upgrade: refuse } })
    })
  })
}

/** A route rule of Nitro; without Nitro, from the `meta` of the route. */
function ruleOf({ context: { routeRules, matchedRoute } }: NextEvent): SessionRouteRule | undefined {
  return routeRules?.session ?? matchedRoute?.meta?.session
}
