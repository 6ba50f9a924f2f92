import type { OriginGuard } from '../adapters/shared/host'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'
import { loadOnce } from '../core/utils/lazily'
import { andThen } from '../core/utils/maybe-promise'
import type { ServerEnvironment } from './environment'

/** Apps with `crossOrigin: 'allow'` do not load the code. */
const loadCheck = loadOnce(() => import('./foreign-origin'))

/**
 * Creates the guard of `crossOrigin: 'refuse'`, which an adapter asks about each state-changing request; `undefined` if
 * it is off. @throws SESSION_CONFIG_INVALID
 */
export function createOriginGuard({ host, configs }: ServerEnvironment): OriginGuard | undefined {
  const atStart = HAS_ENVIRONMENT_AT_START ? configs.originsOf(host.sessionConfig()) : undefined
  if (host.isPrerendering || atStart?.isGuarded === false) return undefined
  return (event, ruleOf) => {
    const { isGuarded, trusted } = atStart ?? configs.originsOf(host.sessionConfig(event))
    return isGuarded ? andThen(loadCheck(), ({ refusalOf }) => refusalOf(host, trusted, event, ruleOf)) : undefined
  }
}
