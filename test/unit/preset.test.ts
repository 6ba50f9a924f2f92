import { describe, expect, it } from 'vitest'
import { declareBesideAuthUtils, declareRuntimeConfig } from '../../src/build/runtime-config'
import { ConfigCache } from '../../src/runtime/core/config/cache'
import { checkSharing } from '../../src/runtime/server/sharing'
import { describePreset } from '../../src/runtime/core/config/preset-description'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { SessionConfig, SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { PASSWORD, TestApp } from './support/app'

/** Resolves what the build declares, as a server does. */
const resolve = (app: SessionRuntimeConfig, call?: SessionConfig, isPlainDevelopment = false) =>
  resolveConfig(call, declareRuntimeConfig([{ password: PASSWORD, ...app }]), { isPlainDevelopment })

const STRICT = {
  name: '__Host-Http-session', maxAge: 86_400, idleTimeout: 3600, sessionHeader: false, saveUninitialized: false, acceptUnnamed: false,
  cookie: { path: '/', httpOnly: true, secure: true, sameSite: 'lax' },
  vary: ['Cookie'],
}

describe('the preset "strict"', () => {
  it('sets what the app does not set', () => {
    expect(resolve({ preset: 'strict' })).toMatchObject(STRICT)
  })

  it.each<[option: SessionRuntimeConfig, resolved: object]>([
    [{ name: 'app' }, { name: 'app' }],
    [{ maxAge: 60 }, { maxAge: 60 }],
    [{ maxAge: 0 }, { maxAge: undefined }],
    [{ idleTimeout: 60 }, { idleTimeout: 60 }],
    [{ idleTimeout: false }, { idleTimeout: undefined }],
    [{ sessionHeader: 'x-app' }, { sessionHeader: 'x-app', vary: ['Cookie', 'x-app'] }],
    [{ saveUninitialized: true }, { saveUninitialized: true }],
    [{ acceptUnnamed: true }, { acceptUnnamed: true }],
  ])('leaves the app\'s own %j', (option, resolved) => {
    expect(resolve({ preset: 'strict', ...option })).toMatchObject({ ...STRICT, cookie: {}, ...resolved })
  })

  it('leaves what the environment sets when the server starts', () => {
    const built = declareRuntimeConfig([{ password: PASSWORD, preset: 'strict' }])
    expect(resolveConfig(undefined, { ...built, name: 'app', idleTimeout: 60, acceptUnnamed: true })).toMatchObject({ name: 'app', idleTimeout: 60, acceptUnnamed: true, maxAge: 86_400 })
  })

  it('can be set by the environment when the server starts', () => {
    const built = declareRuntimeConfig([{ password: PASSWORD, idleTimeout: 60 }])
    expect(built.preset).toBe('h3')
    expect(resolveConfig(undefined, { ...built, preset: 'strict' })).toMatchObject({ ...STRICT, idleTimeout: 60 })
  })

  it('sets the options of named sessions, which keep their names and their own options', () => {
    const app: SessionRuntimeConfig = { preset: 'strict', named: { cart: { idleTimeout: 60 }, plain: { preset: 'h3' } } }
    expect(resolve(app, { name: 'cart' })).toMatchObject({ ...STRICT, name: 'cart', cookie: { secure: 'auto' }, idleTimeout: 60 })
    expect(resolve(app, { name: 'plain' })).toMatchObject({ maxAge: undefined, idleTimeout: undefined, sessionHeader: 'x-plain-session', acceptUnnamed: true })
  })

  it('names the session without a prefix in development over plain HTTP, where browsers refuse the prefix', () => {
    expect(resolve({ preset: 'strict' }, undefined, true)).toMatchObject({ ...STRICT, name: 'session', cookie: { secure: 'auto' } })
    expect(resolve({ preset: 'strict', name: 'app' }, undefined, true).name).toBe('app')
  })

  it('has a name for each of plain HTTP and HTTPS in one development server', () => {
    const cache = new ConfigCache({ isDevelopment: true })
    const runtime = declareRuntimeConfig([{ password: PASSWORD, preset: 'strict', named: { cart: {} } }])
    const nameOver = (isPlainDevelopment: boolean) => cache.resolve(undefined, runtime, isPlainDevelopment)
    expect([true, false, true].map(isPlain => nameOver(isPlain).config.name)).toEqual(['session', '__Host-Http-session', 'session'])
    expect(nameOver(true).siblings.names).toEqual(['cart'])
  })

  it.each(['stricter', 'Strict', true, 1])('must be known: %j', (preset) => {
    expect(() => resolve({ preset: preset as never })).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' }))
  })
})

describe('the preset "h3"', () => {
  it('changes nothing', () => {
    expect(resolve({ preset: 'h3' })).toEqual(resolve({}))
    expect(resolve({})).toMatchObject({ name: 'h3', maxAge: undefined, idleTimeout: undefined, sessionHeader: 'x-h3-session', saveUninitialized: true, acceptUnnamed: true })
  })
})

describe('beside nuxt-auth-utils', () => {
  const other = { name: 'nuxt-session', password: PASSWORD, cookie: { sameSite: 'lax' } } as const

  it('the shared session gets the lifetimes, which the other module reads too, and keeps its name and its seals', () => {
    const config = declareBesideAuthUtils([], { preset: 'strict', idleTimeout: 60 }, other, false)
    const start = (runtime: SessionRuntimeConfig) => checkSharing({ host: { isPrerendering: false, isDevelopment: false, sessionConfig: () => runtime }, warnOnce: () => undefined })
    expect(() => start(config)).not.toThrow()
    expect(() => start({ ...declareBesideAuthUtils([], {}, other, false), preset: 'strict' })).toThrow('in nuxt.config')
    expect(config).toMatchObject({ name: 'nuxt-session', maxAge: 86_400, idleTimeout: 60, sessionHeader: false })
    expect(resolveConfig(undefined, config)).toMatchObject({ name: 'nuxt-session', maxAge: 86_400, idleTimeout: 60, sessionHeader: false, saveUninitialized: false, acceptUnnamed: true })
  })

  it('a session of this module\'s own gets all, and the shared one nothing', () => {
    const config = declareBesideAuthUtils([], { preset: 'strict', name: 'app' }, other, false)
    expect(resolveConfig(undefined, config)).toMatchObject({ ...STRICT, name: 'app', cookie: { secure: true } })
    expect(config).toMatchObject({ name: 'nuxt-session', maxAge: '' })
    expect(resolveConfig({ name: 'nuxt-session' }, config)).toMatchObject({ maxAge: undefined, idleTimeout: undefined, acceptUnnamed: true })
  })
})

describe('the log at start-up', () => {
  it('says what the preset set, and nothing of the app\'s own options', () => {
    expect(describePreset(resolve({ preset: 'strict', idleTimeout: 60, name: 'app' }), true))
      .toBe('The preset "strict" sets maxAge: 86400, sessionHeader: false, saveUninitialized: false, acceptUnnamed: false, crossOrigin: "refuse", and Clear-Site-Data: "cache" at clear().')
    const log = describePreset(resolve({ preset: 'strict' }), false)
    expect(log).toContain('sets name: "__Host-Http-session", maxAge: 86400, idleTimeout: 3600,')
    expect(log).not.toContain('crossOrigin')
  })
})

describe('a session of the preset "strict"', () => {
  const app = () => new TestApp({ preset: 'strict' })

  it('is sent with the first write, in a cookie with the prefix', async () => {
    const browser = app().browser()
    expect((await browser.visit(({ use }) => use())).lines).toEqual([])
    const { shapes } = await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    expect(shapes).toEqual(['__Host-Http-session=<seal>; Path=/; Expires=Wed, 01 Jan 2031 01:00:00 GMT; HttpOnly; Secure; SameSite=Lax'])
    expect(await browser.data()).toEqual({ a: 1 })
  })

  it('ends after an hour without a request', async () => {
    const strict = app()
    const browser = strict.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    strict.pass(3599)
    expect(await browser.data()).toEqual({ a: 1 })
    strict.pass(3600)
    expect(await browser.data()).toEqual({})
  })
})
