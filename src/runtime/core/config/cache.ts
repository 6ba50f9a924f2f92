import { CONFIG_DEFAULTS, resolveConfig } from './resolve'
import type { ResolveOptions } from './resolve'
import type { ResolvedConfig, Siblings } from './types'
import { sameOptions, snapshotOf } from './options-snapshot'
import type { SessionConfig, SessionRuntimeConfig } from '../model/types'

/** The options of one session, and the app's other sessions. */
export interface SessionOptions {
  readonly config: ResolvedConfig
  readonly siblings: Siblings
}

// Different options of calls that are cached. The oldest are dropped.
const MAX_CALLS = 32

/**
 * Caches resolved options. Each request's runtime config is compared with the last one: by identity if it is the
 * frozen object of the process, else by content. If it changed, the cache starts empty.
 */
export class ConfigCache {
  private runtime: SessionRuntimeConfig | undefined
  private calls: { call: SessionConfig | undefined, options: SessionOptions }[] = []

  constructor(private readonly options: ResolveOptions) {}

  /** As {@link resolveConfig}, but returns the same object for equal options. */
  resolve(call: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined): SessionOptions {
    if (!sameOptions(runtime, this.runtime)) {
      this.runtime = snapshotOf(runtime)
      this.calls = []
    }
    for (const known of this.calls) {
      if (sameOptions(call, known.call)) return known.options
    }
    const snapshot = snapshotOf(call)
    const options = this.create(snapshot, this.runtime)
    if (this.calls.length >= MAX_CALLS) this.calls.shift()
    this.calls.push({ call: snapshot, options })
    return options
  }

  private create(call: SessionConfig | undefined, runtime: SessionRuntimeConfig | undefined): SessionOptions {
    const config = resolveConfig(call, runtime, this.options)
    const names = [String(runtime?.name || CONFIG_DEFAULTS.name), ...Object.keys(runtime?.named ?? {})]
    return {
      config,
      siblings: {
        names: names.filter(name => name !== config.name),
        resolve: name => resolveConfig({ name }, runtime, { ...this.options, needsPassword: false }),
      },
    }
  }
}
