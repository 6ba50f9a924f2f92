import { RUNTIME_KEYS } from '../../core/config/option-keys'
import { isSet, toVariable } from '../../core/config/parse'
import { presetOptions } from '../../core/config/preset'
import { CONFIG_DEFAULTS, resolveConfig } from '../../core/config/resolve'
import type { SessionConfig, SessionRuntimeConfig } from '../../core/model/types'
import type { ServerEnvironment } from '../environment'
import type { NamedOptions, OptionFact } from './messages'

type Env = Pick<ServerEnvironment, 'hash'>

/** The first hexadecimal digits of SHA-256: enough to compare two passwords, too few to find one. */
const FINGERPRINT_LENGTH = 8
/** Set by the module itself, or shown as the session's name. */
const HIDDEN = new Set(['name', 'named', 'sharedWith', 'ownName', 'preset'])
const PATHS = pathsOf(RUNTIME_KEYS).filter(path => !HIDDEN.has(path[0]!))

export interface OptionSources {
  runtime: SessionRuntimeConfig | undefined
  isPlainDevelopment: boolean
  /** The options of calls so far. */
  calls: readonly SessionConfig[]
  variables: Record<string, string | undefined>
  /** Of the variables that set options. */
  prefixes: readonly string[]
}

/** The effective options of a session, and where each comes from. */
export function describeOptions(env: Env, name: string, { runtime, isPlainDevelopment, calls, variables, prefixes }: OptionSources): NamedOptions {
  const resolved = resolveConfig({ name }, runtime, { needsPassword: false, isPlainDevelopment })
  const named = runtime?.named?.[name]
  const preset = presetOptions(resolved.preset, isPlainDevelopment)
  const variableOf = (path: readonly string[], scope: string) => prefixes
    .map(prefix => `${prefix}SESSION_${scope}${path.map(toVariable).join('_')}`).find(variable => isSet(variables[variable]))

  function sourceOf(path: readonly string[]): Pick<OptionFact, 'from' | 'at'> {
    const key = path.join('.')
    if (isGiven(named, path)) return given(variableOf(path, `NAMED_${toVariable(name)}_`), `session.named.${name}.${key}`)
    const isDefault = sameValue(at(runtime, path), at(CONFIG_DEFAULTS, path))
    const variable = variableOf(path, '')
    if (isGiven(runtime, path) && (variable !== undefined || !isDefault)) return given(variable, `session.${key}`)
    return isGiven(preset, path) ? { from: 'preset', at: resolved.preset } : { from: 'default' }
  }

  // Without a cookie, it has no attributes.
  const paths = resolved.cookie === false ? [['cookie'], ...PATHS.filter(([key]) => key !== 'cookie')] : PATHS
  const options = paths.map((path): OptionFact => {
    const layers = [named, runtime, preset, CONFIG_DEFAULTS].map(layer => at(layer, path))
    const value = textOf(env, path, path[0]! in resolved ? at(resolved, path) : layers.find(isSet))
    const others = calls.filter(call => isGiven(call, path)).map(call => textOf(env, path, at(call, path))!)
    const different = [...new Set(others)].filter(other => other !== value)
    return { option: path.join('.'), value, ...sourceOf(path), ...different.length > 0 && { calls: different } }
  })
  return { name, options }
}

function given(variable: string | undefined, key: string): Pick<OptionFact, 'from' | 'at'> {
  return variable === undefined ? { from: 'config', at: key } : { from: 'environment', at: variable }
}

function pathsOf(keys: object, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(keys).flatMap(([key, below]) => typeof below === 'object' ? pathsOf(below, [...path, key]) : [[...path, key]])
}

function at(tree: unknown, path: readonly string[]): unknown {
  return path.reduce((value, key) => typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined, tree)
}

function isGiven(layer: unknown, path: readonly string[]): boolean {
  return isSet(at(layer, path))
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function textOf({ hash }: Env, path: readonly string[], value: unknown): string | undefined {
  if (!isSet(value)) return undefined
  if (path[0] === 'password') return [value].flat().map(password => hash(String(password)).slice(0, FINGERPRINT_LENGTH)).join(', ')
  return typeof value === 'function' || path[0] === 'crypto' ? 'a function of the app' : JSON.stringify(value)
}
