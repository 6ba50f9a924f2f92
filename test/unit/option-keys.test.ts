import { describe, expect, it } from 'vitest'
import { assertRuntimeKeys } from '../../src/runtime/core/config/option-keys'
import { intendedVariable } from '../../src/runtime/core/config/variables'
import { declareRuntimeConfig } from '../../src/build/runtime-config'
import { ConfigCache } from '../../src/runtime/core/config/cache'
import type { SessionConfig, SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { PASSWORD } from './support/app'

const invalid = (message: string) => expect.objectContaining({ code: 'SESSION_CONFIG_INVALID', message: expect.stringContaining(message) as string })

/** The options of a call with known keys. The first call with options loads the check; later ones are checked at once. */
async function resolve(call: object, runtime: SessionRuntimeConfig = {}, isDevelopment = true) {
  const configs = new ConfigCache({ isDevelopment })
  const { config, checking } = configs.resolve(call as SessionConfig, { password: PASSWORD, ...runtime })
  await checking
  return config
}

describe('an unknown option of a call throws and names the nearest one', () => {
  it.each([
    [{ maxage: 60 }, 'unknown option "maxage". Did you mean "maxAge"?'],
    [{ idleTimout: 60 }, 'unknown option "idleTimout". Did you mean "idleTimeout"?'],
    [{ cookie: { samesite: 'strict' } }, 'unknown option "cookie.samesite". Did you mean "cookie.sameSite"?'],
    [{ cookie: { http_only: true } }, 'unknown option "cookie.http_only". Did you mean "cookie.httpOnly"?'],
    [{ seal: { encryption: { iteration: 2 } } }, 'unknown option "seal.encryption.iteration". Did you mean "seal.encryption.iterations"?'],
    [{ record: { useragent: true } }, 'unknown option "record.useragent". Did you mean "record.userAgent"?'],
    [{ user: { id: 1 } }, 'unknown option "user". Remove it'],
    [{ constructor: 1 }, 'unknown option "constructor". Remove it'],
  ])('%j', async (call, message) => {
    for (const isDevelopment of [true, false]) await expect(resolve(call, {}, isDevelopment)).rejects.toThrow(invalid(message))
  })
})

it('an unknown option of the app or of a named session throws', () => {
  expect(() => assertRuntimeKeys({ clientKey: [] } as object)).toThrow(invalid('Did you mean "clientKeys"?'))
  expect(() => assertRuntimeKeys({ named: { cart: { maxage: 60 } } } as object)).toThrow(invalid('unknown option "named.cart.maxage". Did you mean "named.cart.maxAge"?'))
  expect(() => assertRuntimeKeys({ password: '', named: { cart: { maxAge: 60, cookie: false } }, clientRoute: false })).not.toThrow()
})

it('a call may pass runtimeConfig.session, or a changed copy of it', async () => {
  const runtime = declareRuntimeConfig([{ password: PASSWORD, named: { cart: { maxAge: 60 } } }])
  await expect(resolve(runtime, runtime)).resolves.toMatchObject({ maxAge: undefined })
  await expect(resolve({ ...runtime, maxAge: 10 }, runtime)).resolves.toMatchObject({ maxAge: 10 })
  await expect(resolve({ ...runtime, maxage: 10 }, runtime)).rejects.toThrow(invalid('unknown option "maxage". Did you mean "maxAge"?'))
  await expect(resolve({ clientKeys: ['name'] }, runtime)).rejects.toThrow(invalid('unknown option "clientKeys"'))
})

describe('the name of a session', () => {
  const runtime = { named: { cart: {}, admin: {} } }

  it.each([['crat', 'cart'], ['Cart', 'cart'], ['admim', 'admin'], ['h33', undefined], ['cart1', undefined], ['wishlist', undefined]])('%s', async (name, nearest) => {
    const opening = expect(resolve({ name }, runtime))
    if (nearest) await opening.rejects.toThrow(invalid(`the session "${name}" has no options. Did you mean "${nearest}"?`))
    else await opening.resolves.toMatchObject({ name })
    await expect(resolve({ name }, runtime, false)).resolves.toMatchObject({ name })
  })
})

it.each([
  ['APP_SESSION_MAXAGE', 'APP_SESSION_MAX_AGE'],
  ['APP_SESSION_PASSWROD', 'APP_SESSION_PASSWORD'],
  ['APP_SESSION_COOKIE_SAMESITE', 'APP_SESSION_COOKIE_SAME_SITE'],
  ['APP_SESSION_NAMED_MY_CART_IDLETIMEOUT', 'APP_SESSION_NAMED_MY_CART_IDLE_TIMEOUT'],
  ['APP_SESSION_MAX_AGE', undefined],
  ['APP_SESSION_SEAL_INTEGRITY_SALT_BITS', undefined],
  ['APP_SESSION_NAMED_MY_CART_MAX_AGE', undefined],
  ['APP_SESSION_SOMETHING', undefined],
  ['OTHER_SESSION_MAXAGE', undefined],
])('the environment variable %s means %s', (variable, intended) => {
  expect(intendedVariable(variable, 'APP_SESSION_', ['myCart'])).toBe(intended)
})
