import { originPolicyOf } from './origins'
import type { OriginPolicy } from './origins'
import { configuredNameOf, defaultNameOf, resolveConfig } from './resolve'
import type { ResolveOptions } from './resolve'
import type { ResolvedConfig, Siblings } from './types'
import type { SessionConfig, SessionRuntimeConfig } from '../model/types'
import { isPlainObject } from '../model/data'
import { loadOnce } from '../utils/lazily'
import { andThen } from '../utils/maybe-promise'
import type { MaybePromise } from '../utils/maybe-promise'

export interface SessionOptions {
  readonly config: ResolvedConfig
  readonly siblings: Siblings
  /** Set until the keys of the call are checked. Rejects with SESSION_CONFIG_INVALID. */
  checking?: Promise<void>
}

/** Most calls have no options but the name. Their apps do not load the code. */
const loadOptionKeys = loadOnce(() => import('./option-keys'))

// Different options of calls that are cached. The oldest are dropped.
const MAX_CALLS = 32

/** Caches resolved options until the content of the runtime config changes. */
export class ConfigCache {
  private runtime: SessionRuntimeConfig | undefined
  private policy: OriginPolicy | undefined
  private calls: { call: SessionConfig | undefined, isPlain: boolean, options: SessionOptions }[] = []

  /** `isDevelopment`: also refuses session names that look like typing errors. */
  constructor(private readonly options: ResolveOptions & { isDevelopment?: boolean }) {}

  /** As {@link resolveConfig}, but returns the same object for equal options. */
  resolve(call: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined, isPlainDevelopment = false): SessionOptions {
    this.follow(runtime)
    for (const known of this.calls) {
      if (known.isPlain === isPlainDevelopment && sameOptions(call, known.call)) return known.options
    }
    const snapshot = snapshotOf(call)
    const options = this.create(snapshot, this.runtime, isPlainDevelopment)
    if (this.calls.length >= MAX_CALLS) this.calls.shift()
    this.calls.push({ call: snapshot, isPlain: isPlainDevelopment, options })
    return options
  }

  /** The options of calls since the runtime config has changed. */
  get used(): SessionConfig[] {
    return this.calls.flatMap(({ call }) => call ?? [])
  }

  /** As {@link originPolicyOf}, parsed once. */
  originsOf(runtime: SessionRuntimeConfig | undefined): OriginPolicy {
    this.follow(runtime)
    return this.policy ??= originPolicyOf(this.runtime)
  }

  private follow(runtime: SessionRuntimeConfig | undefined): void {
    if (sameOptions(runtime, this.runtime)) return
    this.runtime = snapshotOf(runtime)
    this.calls = []
    this.policy = undefined
  }

  private create(call: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined, isPlainDevelopment: boolean): SessionOptions {
    const given = { ...this.options, isPlainDevelopment }
    const config = resolveConfig(call, runtime, given)
    const names = [configuredNameOf(runtime, isPlainDevelopment), ...Object.keys(runtime?.named ?? {})].filter(name => name !== config.name)
    const resolve = (name: string) => resolveConfig({ name }, runtime, { ...given, needsPassword: false })
    const options: SessionOptions = { config, siblings: { names, resolve } }
    const checking = this.check(call, config, runtime, isPlainDevelopment)
    if (checking instanceof Promise) {
      options.checking = checking
      checking.then(() => { options.checking = undefined }, () => undefined)
    }
    return options
  }

  /** @throws SESSION_CONFIG_INVALID for an unknown option, and in development for a name that looks like a typing error */
  private check(call: SessionConfig | undefined, { name }: ResolvedConfig, runtime: SessionRuntimeConfig | undefined, isPlainDevelopment: boolean): MaybePromise<void> {
    if (call === undefined) return
    const hasOptions = Object.keys(call).some(key => key !== 'name')
    const named = this.options.isDevelopment ? runtime?.named : undefined
    if (hasOptions || named) return andThen(loadOptionKeys(), ({ assertCallKeys, assertSessionName }) => {
      assertCallKeys(call)
      if (named) assertSessionName(name, [defaultNameOf(runtime, isPlainDevelopment), ...Object.keys(named)])
    })
  }
}

/** Options as they are now, for {@link sameOptions}. Copies all objects that can still change. */
export function snapshotOf<T>(options: T): T {
  if (options instanceof Date) return new Date(options) as T
  if (!isTree(options)) return options
  const copy = Array.isArray(options)
    ? options.map(snapshotOf)
    : Object.fromEntries(Object.entries(options).map(([key, value]) => [key, snapshotOf(value)]))
  const isFixed = Object.isFrozen(options) && Object.keys(options).every(key => copy[key as never] === options[key])
  return isFixed ? options : copy as T
}

export function sameOptions(options: unknown, snapshot: unknown): boolean {
  if (options === snapshot) return true
  if (options instanceof Date && snapshot instanceof Date) return options.getTime() === snapshot.getTime()
  if (!isTree(options) || !isTree(snapshot) || Array.isArray(options) !== Array.isArray(snapshot)) return false
  let keys = 0
  for (const key in options) {
    if (!Object.hasOwn(snapshot, key) || !sameOptions(options[key], snapshot[key])) return false
    keys++
  }
  return keys === Object.keys(snapshot).length
}

/** Plain objects and arrays. Everything else is compared by identity. */
function isTree(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isPlainObject(value)
}
