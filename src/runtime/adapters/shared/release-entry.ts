import type { SessionEvent } from './event'

/** Checks a cache entry before it is served. @throws if it contains another visitor's session */
export type ReleaseEntry = (event: SessionEvent, owners: string) => Promise<void>
