// The public module `#session`.
export * from './core/types'
export * from './core/errors'
export type { CompatEvent, SessionEvent } from './h3/event'
export type { SessionHook, SessionHooks } from './server/hooks'
export * from './server/utils/session'
export * from './server/utils/require-session'
export * from './server/utils/administration'
