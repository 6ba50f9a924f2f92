// The public module `#session`.
export * from './core/model/types'
export * from './core/model/errors'
export type { CompatEvent, SessionEvent } from './adapters/shared/event'
export type { SessionHook, SessionHooks } from './adapters/shared/host'
export * from './server/utils/session'
export * from './server/utils/require-session'
export * from './server/utils/require-same-origin'
export * from './server/utils/administration'
