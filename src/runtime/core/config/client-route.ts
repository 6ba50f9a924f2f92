import { configInvalid, showValue } from '../model/errors'
import type { SessionRuntimeConfig } from '../model/types'
import { isSet } from './parse'

/** The path of the endpoint of `useClientSession`, unless the app sets another. */
export const DEFAULT_ROUTE = '/api/_session'

/** The path of the endpoint of `useClientSession`, or `false` if it is disabled. @throws SESSION_CONFIG_INVALID */
export function clientRouteOf(runtime: SessionRuntimeConfig | undefined): string | false {
  const route: unknown = runtime?.clientRoute
  if (!isSet(route)) return DEFAULT_ROUTE
  if (route === false) return false
  if (typeof route !== 'string' || !/^(?:\/[\w\-.~]+)+\/?$/.test(route))
    throw configInvalid(`clientRoute ${showValue(route)} must be a path such as "${DEFAULT_ROUTE}", or false.`)
  return route
}

/** The path of the endpoint of browsers that bind sessions, or `false` if `clientRoute` is disabled. @throws SESSION_CONFIG_INVALID */
export function deviceRouteOf(runtime: SessionRuntimeConfig | undefined): string | false {
  const route = clientRouteOf(runtime)
  return route === false ? false : `${route.replace(/\/$/, '')}/device`
}
