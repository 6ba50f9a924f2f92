import { CONFIG_DEFAULTS, resolveConfig } from './config'
import type { ResolvedConfig, ResolveOptions } from './config'
import type { Siblings } from './context'
import { sameOptions, snapshotOf } from './options-snapshot'
import type { SessionConfig, SessionRuntimeConfig } from './types'

/** The options of one session, and the app's other sessions. */
export interface SessionOptions {
  readonly config: ResolvedConfig
  readonly siblings: Siblings
}

// Calls with other options than these are resolved each time.
const MAX_CALLS = 32

/**
 * Resolved options, by what they were made of. Nothing is remembered of an environment that changed: every
 * request's runtime config is compared, at once where it is the frozen object of the process, else by content.
 */
export class ConfigCache {
  private runtime: SessionRuntimeConfig | undefined
  private calls: { call: SessionConfig | undefined, options: SessionOptions }[] = []

  constructor(private readonly options: ResolveOptions) {}

  /** As {@link resolveConfig}, with the same object for the same options. */
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
