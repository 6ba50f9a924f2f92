import type { SessionHooks, SessionRouteRules } from '../shared/host'

declare module 'nitro/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
}

declare module 'h3/rules' {
  interface RouteRuleConfig extends SessionRouteRules {}
  interface RouteRules extends SessionRouteRules {}
}
