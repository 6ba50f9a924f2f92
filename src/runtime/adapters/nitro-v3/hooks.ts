import type { SessionHooks } from '../shared/host'

declare module 'nitro/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
}
