import type { SessionHooks } from '../shared/hooks'

declare module 'nitro/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
}
