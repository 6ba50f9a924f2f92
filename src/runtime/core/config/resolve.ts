import type { SealOptions } from 'iron-webcrypto'
import {
  isSet, toBoolean, toCaches, toMilliseconds, toPasswords, toRecordOptions, toSeconds, toSessionLimit, toStorage, toText, toTime, toTyped, variableOf,
} from './parse'
import { assertCookie, assertCookieName, assertHeaderName, createCookieTemplate, needsSecure } from './cookie'
import type { CookieAttributes } from './cookie'
import { DEFAULT_ROUTE, deviceRouteOf } from './client-route'
import { toDeviceLifetime } from './device-bound'
import { configInvalid, showValue } from '../model/errors'
import { presetOptions, toPreset } from './preset'
import type { DeviceRoute, OpenedTokens, ResolvedConfig, ResolvedCookie } from './types'
import { createOpeners } from './seal-openers'
import type { CreateSealCodec } from './seal-openers'
import { DEFAULT_NAME } from '../model/shape'
import type { SessionConfig, SessionCookieOptions, SessionRuntimeConfig } from '../model/types'

export const CONFIG_DEFAULTS = {
  preset: 'h3',
  name: DEFAULT_NAME,
  cookie: { path: '/', httpOnly: true, sameSite: 'lax', chunkMaxLength: 4000, maxBytes: 7168 },
  acceptUnnamed: true,
  legacySealFallback: false,
  cacheHeaders: true,
  storeTimeout: 2000,
  record: false,
  clientKeys: ['public'],
  clientRoute: DEFAULT_ROUTE,
  deviceBound: false,
  crossOrigin: 'allow',
  trustedOrigins: [],
  caches: true,
} as const

/** iron's defaults, without its code, which most servers do not need. */
const SEAL_DEFAULTS: Readonly<SealOptions> = {
  encryption: { algorithm: 'aes-256-cbc', saltBits: 256, iterations: 1, minPasswordlength: 32 },
  integrity: { algorithm: 'sha256', saltBits: 256, iterations: 1, minPasswordlength: 32 },
  ttl: 0,
  // iron's own 60 accept a seal for 60 seconds after its end.
  timestampSkewSec: 0,
  localtimeOffsetMsec: 0,
}

/** Options of the cookie that `false` unsets; for others it is a value. */
const UNSETTABLE = new Set<string>(['domain', 'maxAge', 'expires', 'priority'] satisfies (keyof SessionCookieOptions)[])

/** Not a part of the header's name. */
const COOKIE_PREFIX = /^__(?:Host-Http|Host|Secure|Http)-/i

export interface ResolveOptions {
  /** The environment variable in error messages. */
  passwordVariable?: string
  /** `false` if nothing is sealed. */
  needsPassword?: boolean
  /** In development over plain HTTP, where browsers refuse the name of the preset `strict`. */
  isPlainDevelopment?: boolean
  /** Unset if nothing is sealed. */
  createCodec?: CreateSealCodec
  tokens?: OpenedTokens<ResolvedConfig>
}

/**
 * Merges a call's options over those of its name, over the runtime config, over the preset, over the defaults; key by
 * key, `cookie` and `seal` one level deep, arrays replaced. `''`, `null` and `undefined` mean unset.
 * @throws SESSION_CONFIG_INVALID, SESSION_PASSWORD_MISSING, SESSION_PASSWORD_WEAK
 */
export function resolveConfig(
  call: SessionConfig | undefined,
  runtime: SessionRuntimeConfig | undefined,
  { passwordVariable = 'NUXT_SESSION_PASSWORD', needsPassword = true, isPlainDevelopment = false, createCodec, tokens }: ResolveOptions = {},
): ResolvedConfig {
  assertLayer(call, 'the options of the call, such as { name: "cart" },')
  assertLayer(runtime, 'runtimeConfig.session')
  const name = toText(firstSet([call?.name]) ?? defaultNameOf(runtime, isPlainDevelopment))
  assertCookieName(name)
  assertNoChunkName(name, configuredNameOf(runtime), runtime)
  const named = ownValue(runtime?.named, name)
  assertLayer(named, `runtimeConfig.session.named.${name}`)
  const preset = toPreset(firstSet([call?.preset, named?.preset, runtime?.preset]))
  const layers: SessionConfig[] = [call, named, runtime, presetOptions(preset, isPlainDevelopment), CONFIG_DEFAULTS].filter(isSet)
  const pick = <K extends keyof SessionConfig>(key: K) => firstSet(layers.map(layer => layer[key]))
  const storage = toStorage(pick('storage'))
  const header = pick('sessionHeader') ?? `x-${name.replace(COOKIE_PREFIX, '')}-session`
  assertHeaderName(header)
  const sessionHeader = header && header.toLowerCase()
  const password = pick('password')
  const variable = isSet(named?.password) ? variableOf(passwordVariable, name) : passwordVariable
  const passwords = needsPassword || isSet(password) ? toPasswords(password, isSet(call?.password), variable) : []
  const sealLayers = layers.map(layer => layer.seal)
  const seal = resolveSeal(sealLayers)
  const crypto = toTyped(pick('crypto'), 'crypto', 'object')
  const legacySealFallback = toBoolean(pick('legacySealFallback'), 'legacySealFallback')
  const caches = toCaches(pick('caches'))
  const isCached = caches !== false
  const cookie = resolveCookie(name, layers.map(layer => layer.cookie))
  const deviceRoute = toDeviceRoute(name, runtime, isPlainDevelopment)
  return {
    preset,
    name,
    passwords,
    maxAge: toSeconds(pick('maxAge'), 'maxAge'),
    idleTimeout: toSeconds(pick('idleTimeout'), 'idleTimeout'),
    cookie,
    sessionHeader,
    vary: sessionHeader === false ? ['Cookie'] : ['Cookie', sessionHeader],
    storage,
    storeTimeout: toMilliseconds(pick('storeTimeout'), 'storeTimeout'),
    migrateUntil: toTime(pick('migrateUntil'), 'migrateUntil'),
    maxUserSessions: toSessionLimit(pick('maxUserSessions'), storage),
    deviceBound: toDeviceLifetime(pick('deviceBound'), { storage, cookie, deviceRoute }),
    deviceRoute,
    record: toRecordOptions(pick('record')),
    saveUninitialized: toBoolean(pick('saveUninitialized') ?? storage === undefined, 'saveUninitialized'),
    acceptUnnamed: toBoolean(pick('acceptUnnamed'), 'acceptUnnamed'),
    legacySealFallback,
    isCached,
    cacheHeaders: toBoolean(pick('cacheHeaders'), 'cacheHeaders'),
    seal,
    openers: createOpeners(createCodec, { passwords, seal, legacySealFallback, crypto, isCached }),
    createCodec,
    tokens: caches === true ? tokens : undefined,
    sealTtl: firstSet(sealLayers.map(seal => seal?.ttl)),
    generateId: toTyped(pick('generateId'), 'generateId', 'function'),
    crypto,
    sharedWith: name === runtime?.name ? runtime.sharedWith : undefined,
  }
}

/** The endpoint by which browsers bind this session. */
function toDeviceRoute(name: string, runtime: SessionRuntimeConfig | undefined, isPlainDevelopment: boolean): DeviceRoute | undefined {
  const path = deviceRouteOf(runtime)
  if (path === false) return undefined
  const query = name === defaultNameOf(runtime, isPlainDevelopment) ? '' : `?name=${encodeURIComponent(name)}`
  return { path, query }
}

/** The name of the session that a call without a name opens. */
export function defaultNameOf(runtime: SessionRuntimeConfig | undefined, isPlainDevelopment = false): string {
  return firstSet([runtime?.ownName]) ?? configuredNameOf(runtime, isPlainDevelopment)
}

/** The name that `runtimeConfig.session` has, which may be another module's session. */
export function configuredNameOf(runtime: SessionRuntimeConfig | undefined, isPlainDevelopment = false): string {
  return String(firstSet([runtime?.name, presetOptions(runtime?.preset, isPlainDevelopment).name]) ?? CONFIG_DEFAULTS.name)
}

function firstSet<T>(values: T[]): Exclude<T, '' | null | undefined> | undefined {
  return values.find(isSet)
}

/** Merges option objects without unset values. The first object has priority. */
function mergeSet<T extends object>(layers: (Partial<T> | undefined | null)[]): Partial<T> {
  const entries = layers.toReversed().flatMap(layer => Object.entries(layer ?? {}))
  return Object.fromEntries(entries.filter(([, value]) => isSet(value))) as Partial<T>
}

function ownValue<T>(record: Record<string, T> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined
}

function assertLayer(layer: unknown, what: string): void {
  if (isSet(layer) && (typeof layer !== 'object' || Array.isArray(layer)))
    throw configInvalid(`${what} must be an object, not of type ${Array.isArray(layer) ? 'array' : typeof layer}.`)
}

/** The cookie of a session "a.1" would look like the first chunk of a session "a". */
function assertNoChunkName(name: string, configured: string, runtime: SessionRuntimeConfig | undefined): void {
  const base = /^(.+)\.\d+$/.exec(name)?.[1]
  if (base !== undefined && (base === configured || ownValue(runtime?.named, base)))
    throw configInvalid(`the session name "${name}" is the name of a chunk of the session "${base}". Choose another name.`)
}

function resolveCookie(name: string, layers: (SessionConfig['cookie'])[]): ResolvedConfig['cookie'] {
  if (firstSet(layers) === false) return false
  const options = layers.filter(layer => layer !== false)
  for (const layer of options) assertLayer(layer, 'cookie')
  const merged = Object.entries(mergeSet<SessionCookieOptions>(options))
  const cookie = Object.fromEntries(merged.filter(([key, value]) => value !== false || !UNSETTABLE.has(key))) as CookieAttributes
  if (typeof cookie.sameSite === 'string')
    cookie.sameSite = cookie.sameSite.toLowerCase() as SessionCookieOptions['sameSite']
  assertCookie(name, cookie)
  const secure = cookie.secure ?? (needsSecure(name, cookie) || 'auto')
  const template = { secure: createCookieTemplate(cookie, true), plain: createCookieTemplate(cookie, false) }
  return { ...cookie, secure, template } as ResolvedCookie
}

function resolveSeal(layers: (SessionConfig['seal'])[]): SealOptions {
  for (const layer of layers) assertLayer(layer, 'seal')
  const options = mergeSet<SealOptions>(layers)
  const seal = {
    ...SEAL_DEFAULTS,
    ...options,
    encryption: { ...SEAL_DEFAULTS.encryption, ...mergeSet([options.encryption]) },
    integrity: { ...SEAL_DEFAULTS.integrity, ...mergeSet([options.integrity]) },
  } as SealOptions
  for (const part of ['encryption', 'integrity'] as const) {
    if (!Number.isInteger(seal[part].iterations) || seal[part].iterations < 1)
      throw configInvalid(`seal.${part}.iterations ${showValue(seal[part].iterations)} must be a whole number above 0.`)
  }
  return seal
}
