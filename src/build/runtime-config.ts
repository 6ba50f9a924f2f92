import { RUNTIME_KEYS } from '../runtime/core/config/option-keys'
import { presetOptions, STRICT } from '../runtime/core/config/preset'
import { CONFIG_DEFAULTS } from '../runtime/core/config/resolve'
import { isSet } from '../runtime/core/config/parse'
import { isPlainObject } from '../runtime/core/model/data'
import type { SessionRuntimeConfig } from '../runtime/core/model/types'

type Tree = Record<string, unknown>
type Layer = SessionRuntimeConfig | undefined

const UNSET = ''
const { generateId: _generateId, crypto: _crypto, sharedWith: _sharedWith, ownName: _ownName, ...KEYS } = RUNTIME_KEYS
const { expires: _expires, encode: _encode, ...COOKIE_KEYS } = KEYS.cookie

/**
 * Every key that can be text, because environment variables can only set keys that were declared at build time. Those
 * that a preset sets are unset.
 */
const DECLARED: Tree = fill(
  { ...CONFIG_DEFAULTS, ...unset(STRICT), clientKeys: [...CONFIG_DEFAULTS.clientKeys], trustedOrigins: [], named: {} },
  { ...KEYS, cookie: COOKIE_KEYS },
)

/**
 * Returns the complete `runtimeConfig.session`. Later layers fill the unset keys of earlier ones, the declared keys fill
 * the rest.
 * @param layers the app's own runtime config, the shortcut in `nuxt.config`, the options that other modules set
 */
export function declareRuntimeConfig(layers: Layer[], declared: Tree = DECLARED): SessionRuntimeConfig {
  const config = [...layers, declared].reduce<Tree>((config, layer) => fill(config, (layer ?? {}) as Tree), {})
  const { named: _, ...keys } = DECLARED
  const named = Object.entries(config.named as Record<string, Tree>).map(([name, options]) => [name, fill(options, unset(keys))])
  return { ...config, named: Object.fromEntries(named) }
}

/**
 * Does the same in an app with nuxt-auth-utils, which passes the object to h3's own `useSession`. If `session` in
 * `nuxt.config` has another name, that name and the options beside it apply only to this module's session.
 * @param runtime the app's own runtime config
 * @param options the shortcut in `nuxt.config`
 * @param other the options that nuxt-auth-utils set
 */
export function declareBesideAuthUtils(runtime: Layer[], options: SessionRuntimeConfig, other: Layer, isDevelopment: boolean): SessionRuntimeConfig {
  // h3 does not treat `''` as unset for these, and Nitro turns `null` into `''`.
  const { sessionHeader: _header, seal: _seal, ...keys } = DECLARED
  const { maxAge: _maxAge, ...cookie } = DECLARED.cookie as Tree
  const declared = { ...keys, cookie: { ...cookie, secure: isDevelopment ? UNSET : true }, sharedWith: 'nuxt-auth-utils' }

  const { name, named, clientKeys, clientRoute, crossOrigin, trustedOrigins, ...session } = options
  const sharedName = [...runtime, other].map(layer => layer?.name).find(name => isSet(name))
  if (!isSet(name) || name === sharedName) {
    const preset = [...runtime, options].map(layer => layer?.preset).find(preset => isSet(preset))
    // As values, because h3's own functions know no preset, and write seals without a name.
    const shared = { ...presetOptions(preset, false), name: UNSET, acceptUnnamed: true }
    return declareRuntimeConfig([...runtime, options, other, shared], declared)
  }
  // The seals of nuxt-auth-utils have no name and do not belong to this session.
  const ours = [session as Tree, { acceptUnnamed: false }].reduce(fill, { ...named?.[name] })
  return declareRuntimeConfig([...runtime, { ownName: name, named: { ...named, [name]: ours }, clientKeys, clientRoute, crossOrigin, trustedOrigins }, other], declared)
}

/** Returns the same keys, all unset: a named session inherits each option that it does not set. */
function unset(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, isPlainObject(value) ? unset(value) : UNSET]))
}

/** Fills the unset keys of `config` from `defaults`. Arrays and `false` count as set. */
function fill(config: Tree, defaults: Tree): Tree {
  const filled = { ...config }
  for (const [key, value] of Object.entries(defaults)) {
    if (isPlainObject(filled[key]) && isPlainObject(value)) filled[key] = fill(filled[key], value)
    else if (!isSet(filled[key])) filled[key] = isPlainObject(value) ? fill({}, value) : value
  }
  return filled
}
