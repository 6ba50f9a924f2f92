import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Packages of other versions and runtimes; `npm run test:matrix` installs them. */
export const MATRIX = fileURLToPath(new URL('../../matrix', import.meta.url))

/** Packages that are built on h3 2: Nitro 3, and h3 alone. In a separate folder, because other packages have the same names. */
export const NEXT = '../next'

/** Nuxt 4 with DevTools 4. */
const DEVTOOLS_4 = '../devtools-4'

/** A target of the suites: how the fixtures are built, how the built servers are started, and which tests cannot run. */
export interface Target {
  /** `nitro`, `nitro-3`: the routes of the same fixture in a Nitro app without Nuxt. `h3-2`: in an app of h3 2 alone. */
  builder: 'nuxt' | 'nitro' | 'nitro-3' | 'nuxt-5' | 'h3-2'
  /** Nitro's preset. @default 'node-server' */
  preset?: string
  /** Changes to the fixture's configuration. */
  buildEnv?: Record<string, string>
  /** Folder, from test/matrix, whose packages build it. @default the packages of the root */
  packages?: string
  /** Fixtures from which this one uses files. */
  alsoFixtures?: string[]
  /** Package of test/matrix whose Node builds and serves. @default the Node of the tests */
  node?: string
  /** The prefix of the variables that set the session's options. @default 'NUXT_SESSION_' */
  variablePrefix?: string
  /** The command that serves the build in a folder. @default `node server/index.mjs` */
  serve?: (outputDir: string) => [file: string, ...args: string[]]
  /** The signal that ends the server. With `SIGTERM`, it can end its children. @default 'SIGKILL' */
  stopSignal?: 'SIGTERM'
  /** `web`: the runtime has no `node:crypto`. @default 'node' */
  crypto?: 'web'
  /** Only its development server differs from another target: the tests in Chromium run on it. */
  isBrowserOnly?: true
  /** Suites that cannot run, with the reason. */
  withoutSuites: Record<string, string>
  /** Tests that cannot run, by a part of their full name, with the reason. */
  withoutTests: Record<string, string>
}

const PAGES = 'its fixture is a Nuxt app with pages'

const NUXT_ONLY = {
  'client-*': PAGES,
  'cache-headers': PAGES,
  'guarded-pages': PAGES,
  'inner-requests': PAGES,
  'sockets': PAGES,
  'auth-utils': 'nuxt-auth-utils is a Nuxt module',
  'auto-imports': 'checks the types that Nuxt writes',
  'build': 'looks at builds of Nuxt',
  'development': 'runs nuxt dev',
  'env-prefix': 'its fixture is a Nuxt app',
  'mistakes': 'its fixture is a Nuxt app',
  'types': 'checks the types that Nuxt writes',
  'read-memory': 'measures an app of its own',
  'weight': 'weighs Nuxt apps of its own',
}

/** Another version of Nuxt or Node than that of the tests. */
const OTHER_NUXT = {
  builder: 'nuxt',
  withoutSuites: {
    'auth-utils': 'nuxt-auth-utils is not installed beside this Nuxt',
    'build': 'its fixtures use nuxt-auth-utils',
    'client-streamed': 'this Nuxt streams no pages',
    'development': 'runs the root\'s nuxt dev',
    'types': 'runs the root\'s vue-tsc',
    'read-memory': NUXT_ONLY['read-memory'],
    'weight': NUXT_ONLY.weight,
  },
  withoutTests: {},
} satisfies Target

const BUILT_BY_NITRO = {
  builder: 'nitro',
  withoutSuites: NUXT_ONLY,
  withoutTests: { 'the embedded store keeps sessions in files': 'its fixture is a Nuxt app' },
} satisfies Target

/** In development, for the tests of the DevTools panel. */
const WITHOUT_DEVTOOLS = {
  'while another tab of DevTools is open': 'there is no DevTools',
  'reloads the app\'s page, if DevTools is open in it': 'there is no DevTools',
}

const OWN_MEMORY = 'each process has its own memory'

/** On Bun, Deno and workers, the response is sent when the handler has ended. */
const BUFFERED = {
  ...BUILT_BY_NITRO,
  withoutTests: {
    ...BUILT_BY_NITRO.withoutTests,
    'a write after the headers went out': 'the response is buffered until the handler ends, so no header is sent before',
  },
} satisfies Target

const UNASKED = 'Nitro 3 does not expose the key of a cached handler, so an entry is checked when it is served'

const BY_NODE = 'h3 2 creates the response itself; writes to Node\'s response bypass it'

const NITRO_3 = {
  ...BUILT_BY_NITRO,
  builder: 'nitro-3',
  packages: NEXT,
  alsoFixtures: ['nuxt', 'nitro-3'],
  withoutTests: {
    ...BUILT_BY_NITRO.withoutTests,
    'what the response does > node': BY_NODE,
    'a write after the headers went out': BY_NODE,
    'keep one session, ours first': 'h3 2 seals with 8192 iterations if it writes last',
    'that can be checked': UNASKED,
  },
} satisfies Target

const ONE_STORE = 'h3 alone has one store by an option, and no mounts'
const NO_ENDPOINT = 'h3 alone has no clientRoute'

const H3_2 = {
  builder: 'h3-2',
  packages: NEXT,
  alsoFixtures: ['nuxt', 'client', 'nitro-3'],
  variablePrefix: 'SESSION_',
  withoutSuites: {
    'auth-utils': NUXT_ONLY['auth-utils'],
    'auto-imports': NUXT_ONLY['auto-imports'],
    'build': NUXT_ONLY.build,
    'client-*': PAGES,
    'development': NUXT_ONLY.development,
    'mistakes': NUXT_ONLY.mistakes,
    'env-prefix': 'h3 alone has no runtime config, and no prefix of it',
    'environment-keys': 'h3 alone has no runtime config',
    'guarded-pages': PAGES,
    'inner-requests': 'h3 alone has no event.$fetch: a request by app.fetch is an independent one',
    'nuxt-5-pages': PAGES,
    'types': NUXT_ONLY.types,
    'read-memory': NUXT_ONLY['read-memory'],
    'weight': NUXT_ONLY.weight,
  },
  withoutTests: {
    'what the response does > node': BY_NODE,
    'a write after the headers went out': BY_NODE,
    'writeHead': BY_NODE,
    'keeps all lines of a list of headers': BY_NODE,
    'flush': BY_NODE,
    'keep one session, ours first': NITRO_3.withoutTests['keep one session, ours first'],
    'prerender': 'h3 alone has no build that could prerender',
    'warns about a misspelled variable': 'h3 alone reads only the password from the environment',
    '/api/isr answers': 'isr is a route rule of Nitro',
    'does not get the error': 'h3 alone has no route rules',
    'a requireSession that is not awaited': 'no build replaces the cached handlers of ocache',
    'the embedded store keeps sessions in files': ONE_STORE,
    'a session of a call\'s own store': ONE_STORE,
    'a missing mount is an error': ONE_STORE,
    'names an eventually consistent store': ONE_STORE,
    'the endpoint is still not cacheable': NO_ENDPOINT,
    'are not removed by the client\'s endpoint': NO_ENDPOINT,
    '/api/stored does not use the session': ONE_STORE,
    'a request to the app itself that used the session': 'h3 alone has no event.$fetch',
    '/api/inner?kind=nothing does not use the session': 'h3 alone has no event.$fetch',
  },
} satisfies Target

/** Allows tokens above 16 KiB to reach the session. For Node, the suite sets it. */
const MAX_HEADERS = 131_072

const DENO_OPTIONS = ['--allow-net', '--allow-read', '--allow-write', '--allow-env', '--unstable-byonm', '--unstable-node-globals']

const NO_SOCKETS = 'ioredis needs sockets'
const NO_START_UP = 'a worker gets its environment with its first request'

function worker(buildEnv: Record<string, string>, ...flags: string[]) {
  return {
    ...BUFFERED,
    preset: 'cloudflare-module',
    alsoFixtures: ['docs/workers'],
    buildEnv,
    withoutTests: {
      ...BUFFERED.withoutTests,
      'sessions in redis': NO_SOCKETS,
      'two servers on redis': NO_SOCKETS,
      'four servers lose none': NO_SOCKETS,
      'a killed Redis': NO_SOCKETS,
      'the log names the limits of a store': NO_START_UP,
      'a missing mount is an error': NO_START_UP,
      'an array of more than four passwords': NO_START_UP,
      'reports a missing password on stderr': NO_START_UP,
      'warns about a misspelled variable': NO_START_UP,
      'ends with SESSION_PASSWORD_WEAK': NO_START_UP,
    },
    serve: dir => [process.execPath, join(MATRIX, 'serve/worker.mjs'), dir, ...flags],
    stopSignal: 'SIGTERM',
  } satisfies Target
}

/** One function, called for each request; the platform itself serves files. */
function serverless(preset: string, base: Target = BUFFERED): Target {
  return {
    ...base,
    preset,
    withoutTests: {
      ...base.withoutTests,
      'a prerendered route is served': 'the platform serves files',
      'for WebSockets': 'a function opens no WebSocket',
    },
    serve: dir => [process.execPath, join(MATRIX, 'serve/function.mjs'), preset, dir],
  }
}

export const TARGETS = {
  'nuxt': { builder: 'nuxt', withoutSuites: {}, withoutTests: {} },
  'nuxt-devtools-4': { builder: 'nuxt', packages: DEVTOOLS_4, isBrowserOnly: true, withoutSuites: {}, withoutTests: {} },
  'nuxt-3': { ...OTHER_NUXT, packages: 'nuxt-3' },
  'nuxt-4.4-node-20': { ...OTHER_NUXT, packages: 'nuxt-4.4', node: 'node-20' },
  'nuxt-node-24': { builder: 'nuxt', node: 'node-24', withoutSuites: { 'development': OTHER_NUXT.withoutSuites.development, 'types': OTHER_NUXT.withoutSuites.types, 'weight': NUXT_ONLY.weight, 'read-memory': NUXT_ONLY['read-memory'] }, withoutTests: {} },
  'nitro': { ...BUILT_BY_NITRO, withoutTests: { ...BUILT_BY_NITRO.withoutTests, ...WITHOUT_DEVTOOLS } },
  'nitro-3': {
    ...NITRO_3,
    withoutTests: { ...NITRO_3.withoutTests, ...WITHOUT_DEVTOOLS, 'does not get the error': 'Nitro 3 without Nuxt sends no header of a route rule with an error' },
  },
  'nuxt-5': {
    ...NITRO_3,
    builder: 'nuxt-5',
    withoutTests: { ...NITRO_3.withoutTests, 'a read by a WebSocket is shown': 'this preview has no WebSockets in development' },
  },
  'h3-2': { ...H3_2, withoutTests: { ...H3_2.withoutTests, ...WITHOUT_DEVTOOLS, '/api/store-down': ONE_STORE, 'its store is down': ONE_STORE } },
  'node-cluster': {
    ...BUILT_BY_NITRO,
    preset: 'node-cluster',
    withoutTests: {
      ...BUILT_BY_NITRO.withoutTests,
      'sessions in memory': OWN_MEMORY,
      'a session of a call\'s own store': OWN_MEMORY,
      'a login whose old id the store does not end': OWN_MEMORY,
      'a cached handler that varies by the cookie': OWN_MEMORY,
      'a session bound to a browser': OWN_MEMORY,
      'attacks on bound sessions': OWN_MEMORY,
      'a store keeps sessions unbound': OWN_MEMORY,
      'reports a missing password on stderr': 'each process logs it',
      'the log names the limits of a store': 'each process logs it',
    },
  },
  'bun': { ...BUFFERED, preset: 'bun', serve: dir => [inMatrix('.bin/bun'), `--max-http-header-size=${MAX_HEADERS}`, 'run', join(dir, 'server/index.mjs')] },
  // The permissions that Nitro writes into the deno.json of the build.
  'deno': { ...BUFFERED, preset: 'deno-server', serve: dir => [inMatrix('.bin/deno'), 'run', ...DENO_OPTIONS, join(dir, 'server/index.mjs')] },
  'cloudflare': worker({ FIXTURE_NODE_COMPAT: 'true' }, 'nodejs_compat', 'no_nodejs_compat_v2'),
  'cloudflare-web': { ...worker({}), crypto: 'web' },
  'vercel': serverless('vercel', BUILT_BY_NITRO),
  'netlify': serverless('netlify'),
  'aws-lambda': serverless('aws-lambda'),
} satisfies Record<string, Target>

type TargetName = keyof typeof TARGETS

/** @throws if there is no such target */
export function targetNamed(name: string): Target {
  if (!Object.hasOwn(TARGETS, name)) throw new Error(`No target "${name}": there are ${Object.keys(TARGETS).join(', ')}.`)
  return TARGETS[name as TargetName]
}

/** The target of this run. */
export const TARGET_NAME = process.env.TEST_TARGET || 'nuxt'

/** Patterns of the suites that a target cannot run. */
export function excludedSuites(name: string): string[] {
  return Object.keys(targetNamed(name).withoutSuites).map(suite => `test/e2e/${suite}.test.ts`)
}

/** Why a test cannot run on a target. */
export function reasonAgainst(name: string, test: string): string | undefined {
  return Object.entries(targetNamed(name).withoutTests).find(([part]) => test.includes(part))?.[1]
}

/** The status in the body of an error response, with the keys of this run's framework. */
export function errorBody(status: number, text: string): Record<string, unknown> {
  return targetNamed(TARGET_NAME).packages === NEXT ? { status, statusText: text } : { statusCode: status, statusMessage: text }
}

/** The variable of this run's target for the option that Nuxt sets with the given one. */
export function variableOf(variable: string): string {
  return variable.replace(/^NUXT_SESSION_/, targetNamed(TARGET_NAME).variablePrefix ?? 'NUXT_SESSION_')
}

/** The value of the store's variable in this run, for a value of NUXT_SESSION_STORAGE. h3 alone has no mounts. */
export function storeName(storage: string): string {
  return targetNamed(TARGET_NAME).builder === 'h3-2' ? 'session' : storage
}

/** The mounts of the tests that every store must pass, by the store's name. */
export const STORES: Record<string, string> = {
  memory: 'memory',
  redis: 'redis',
  ...targetNamed(TARGET_NAME).preset?.startsWith('cloudflare') && { D1: 'sessions' },
}

/** The Node that builds it. */
export function nodeOf({ node }: Target): string {
  return node ? inMatrix(`${node}/bin/node`) : process.execPath
}

export function serverCommand(target: Target, outputDir: string): [file: string, ...args: string[]] {
  return target.serve?.(outputDir) ?? [nodeOf(target), join(outputDir, 'server/index.mjs')]
}

/** A file of an installed package. */
function inMatrix(path: string): string {
  return join(MATRIX, 'node_modules', path)
}
