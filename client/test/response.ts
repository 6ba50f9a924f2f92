import type { StateResponse } from '../../src/devtools/protocol'

/** A response of the server, for tests. */
export function response(overrides: Partial<StateResponse>): StateResponse {
  return {
    cursor: 'run.1', isComplete: false, sessions: [], removed: [], current: [], requests: [], names: ['main'], presets: {}, historyKey: 'key', clears: 0, stores: [],
    limits: { cookieBytes: 4096, sealLength: 16_384, cookies: { main: { maxBytes: 4096, chunkMaxLength: 4000 } }, requests: 500, sessions: 1000, stored: 100 }, ...overrides,
  }
}
