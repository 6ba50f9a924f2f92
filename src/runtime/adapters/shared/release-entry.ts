import type { SessionEvent } from './event'

/** Checks an entry of a cache before it is served. @throws if it contains another visitor's session */
export type ReleaseEntry = (event: SessionEvent, owners: string) => Promise<void>
