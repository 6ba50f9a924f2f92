/** How long and how often to measure. */
export interface Settings {
  name: 'full' | 'short'
  /** How many servers each route is measured on, one after the other. */
  servers: number
  /** How often each route is measured on a server, in turn with others. */
  rounds: number
  /** Seconds of load on a route in a round. */
  seconds: number
  /** Seconds of load on a route before the first round. */
  warmUpSeconds: number
  /** Seconds of load before each measurement, because V8 discards code that was not used for a while. */
  settleSeconds: number
  connections: number
  /** Different sessions among which the requests of a route are spread. */
  visitors: number
  /** Number of forged cookies and of unknown tokens: many more than a token cache keeps. */
  tokens: number
  micro: MicroSettings
  memory: { warmUp: number, requests: number, repeats: number }
  /** The plain route before, during and after a flood. */
  flood: { rounds: number }
  /** For two servers in turns, on each pair of servers. They differ less than rounds do, so there are more and shorter rounds. */
  sideBySide: { rounds: number, seconds: number }
  /** How often new apps are started, and their heaps measured; the load on their pages. */
  weight: { starts: number, heaps: number, rounds: number, seconds: number }
  devtools: DevtoolsSettings
}

export interface DevtoolsSettings {
  rounds: number
  /** Seconds of each rate in a round. */
  seconds: number
  /** Seconds after the tab was opened, hidden or closed. */
  settleSeconds: number
  /** Sessions in the tab's list, among which the requests are spread. */
  sessions: number
}

export interface MicroSettings {
  rounds: number
  /** Milliseconds of a function in a round. */
  milliseconds: number
  /** Different tokens with the same salts. */
  sameSaltTokens: number
  /** Tokens with different salts: more than a key cache keeps. */
  freshSaltTokens: number
}

export const FULL: Settings = {
  name: 'full',
  servers: 3,
  rounds: 3,
  seconds: 0.8,
  warmUpSeconds: 1,
  settleSeconds: 0.3,
  connections: 16,
  visitors: 64,
  tokens: 16_000,
  micro: { rounds: 7, milliseconds: 100, sameSaltTokens: 2000, freshSaltTokens: 20_000 },
  memory: { warmUp: 5000, requests: 2000, repeats: 7 },
  flood: { rounds: 7 },
  sideBySide: { rounds: 10, seconds: 0.4 },
  weight: { starts: 25, heaps: 5, rounds: 11, seconds: 1 },
  devtools: { rounds: 24, seconds: 2, settleSeconds: 3, sessions: 1000 },
}

/** A quick check that everything runs. The figures are not reliable. */
export const SHORT: Settings = {
  name: 'short',
  servers: 1,
  rounds: 1,
  seconds: 0.2,
  warmUpSeconds: 0.1,
  settleSeconds: 0.1,
  connections: 16,
  visitors: 8,
  tokens: 320,
  micro: { rounds: 1, milliseconds: 10, sameSaltTokens: 500, freshSaltTokens: 4500 },
  memory: { warmUp: 300, requests: 200, repeats: 3 },
  flood: { rounds: 1 },
  sideBySide: { rounds: 2, seconds: 0.1 },
  weight: { starts: 1, heaps: 1, rounds: 1, seconds: 0.2 },
  devtools: { rounds: 1, seconds: 0.5, settleSeconds: 0.5, sessions: 100 },
}
