import type { SessionOptions } from '../../core/config/cache'
import { configuredNameOf, resolveConfig } from '../../core/config/resolve'
import type { ResolvedConfig } from '../../core/config/types'
import { useEnvironment } from '../environment'
import { isPlainDevelopment } from '../open'
import type { ObservedMessage } from './messages'

/** An app may have a name for each tenant. */
const MAX_NAMES = 100

/** The options of the app's sessions: those of the configuration, and those that only calls have. */
export class KnownOptions {
  /** Of the last call, by session name. */
  readonly #calls = new Map<string, SessionOptions>()
  /** Those of the names that had a session, or a token. */
  readonly #used = new Set<string>()
  /** Computed once: many requests ask for them, and the configuration of a server does not change. */
  #configured: string[] | undefined

  /** Remembers the options of a call. A name that only denied requests have is left out: it may be misspelled. */
  see({ config, siblings }: SessionOptions, kind: ObservedMessage['kind']): void {
    this.#calls.delete(config.name)
    if (kind !== 'absent' && kind !== 'deny') this.#used.add(config.name)
    if (kind === 'deny' && !this.#used.has(config.name)) return
    this.#calls.set(config.name, { config, siblings })
    const [oldest] = this.#calls.keys()
    if (this.#calls.size <= MAX_NAMES) return
    this.#calls.delete(oldest!)
    this.#used.delete(oldest!)
  }

  /** The configured names, the default one first. */
  get configured(): string[] {
    return this.#configured ??= configuredNames()
  }

  /** The configured names, then those that only calls have. */
  get names(): string[] {
    return [...new Set([...this.configured, ...this.#calls.keys()])]
  }

  /**
   * The options with which the panel opens a session. A name that is not configured, or a password that only a call
   * gives, takes those of the last call.
   * @throws SESSION_PASSWORD_MISSING
   */
  of(name: string): SessionOptions {
    const call = this.#calls.get(name)
    if (call && (!configuredNames().includes(name) || !hasPasswordsOf(call.config))) return call
    const { configs, host } = useEnvironment()
    return configs.resolve({ name }, host.sessionConfig(), isPlainDevelopment(undefined))
  }

  /** The options of a name, which may lack a password. */
  configOf(name: string): ResolvedConfig {
    const call = this.#calls.get(name)
    return call && !configuredNames().includes(name) ? call.config : configured(name)
  }
}

/** The configured options of a name, without a name those of the default session. They may lack a password. */
function configured(name?: string): ResolvedConfig {
  return resolveConfig({ name }, useEnvironment().host.sessionConfig(), { needsPassword: false, isPlainDevelopment: isPlainDevelopment(undefined) })
}

function configuredNames(): string[] {
  const runtime = useEnvironment().host.sessionConfig()
  // With nuxt-auth-utils, `configured()` has this module's name, and the configured name is that of the shared session.
  return [...new Set([configured().name, ...Object.keys(runtime?.named ?? {}), configuredNameOf(runtime, isPlainDevelopment(undefined))])]
}

function hasPasswordsOf({ name, passwords }: ResolvedConfig): boolean {
  return JSON.stringify(configured(name).passwords) === JSON.stringify(passwords)
}
