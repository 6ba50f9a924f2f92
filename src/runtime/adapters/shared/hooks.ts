import type { SessionHookInfos, SessionManager } from '../../core/model/types'
import type { SessionEvent } from './event'

/** A session hook. It is awaited before the commit, and an error aborts it. */
export type SessionHook<K extends keyof SessionHookInfos> =
  (session: SessionManager, event: SessionEvent, info: SessionHookInfos[K]) => void | Promise<void>

export type SessionHooks = { [K in keyof SessionHookInfos]: SessionHook<K> }

declare module 'nitropack' {
  interface NitroRuntimeHooks extends SessionHooks {}
}

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
}
