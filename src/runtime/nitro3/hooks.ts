import type { SessionHooks } from '../server/hooks'

declare module 'nitro/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
}
