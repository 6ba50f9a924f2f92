import type { PanelSession } from '../src/lib/state'

/** A session as in the server's state, for tests. */
export function session(overrides: Partial<PanelSession> = {}): PanelSession {
  return {
    key: 'main:1', name: 'main', id: '1', handle: 'h1', createdAt: 0, lastUsedAt: 0, carrier: 'cookie', keeper: 'module',
    data: {}, bytes: 400, chunks: 1, isCurrent: false, ...overrides,
  }
}
