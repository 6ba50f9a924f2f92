import { beforeAll, describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import { testPassword, testServer } from './support/server'

interface Texts { [key: string]: string | Texts }

const SEAL_PART = { saltBits: '512', algorithm: 'aes-128-ctr', iterations: '3', minPasswordlength: '40' }

/** A value for each key, as text in the environment. */
const VALUES: Texts = {
  preset: 'strict', name: 'Own', maxAge: '1000', idleTimeout: '500',
  cookie: {
    domain: 'example.com', path: '/api', httpOnly: 'false', secure: 'true', sameSite: 'strict', partitioned: 'true', priority: 'high', maxAge: '60',
    chunkMaxLength: '500', maxBytes: '6000',
  },
  sessionHeader: 'x-own', saveUninitialized: 'false', acceptUnnamed: 'false', legacySealFallback: 'true', storage: 'own',
  migrateUntil: '2030-01-01', maxUserSessions: '3', storeTimeout: '1500', record: '{"ip":"socket"}',
  caches: 'false', cacheHeaders: 'false',
  seal: { encryption: SEAL_PART, integrity: { ...SEAL_PART, algorithm: 'sha256' }, ttl: '9000', timestampSkewSec: '30', localtimeOffsetMsec: '7' },
  clientKeys: '["own"]', clientRoute: '/api/own', crossOrigin: 'refuse', trustedOrigins: '["https://example.com"]',
}

beforeAll(() => buildApp('main'))

describe('runtimeConfig.session', () => {
  it('has the value of each key from the environment, for the process and for a request', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD: testPassword(), ...variables('NUXT_SESSION', VALUES) })
    const { body } = await visit(server, '/api/runtime-config')
    expect(textsOf(body.ofProcess, VALUES)).toEqual(VALUES)
    expect(body.ofRequest).toEqual(body.ofProcess)
  })
})

function variables(prefix: string, values: Texts): Record<string, string> {
  return Object.assign({}, ...Object.entries(values).map(([key, value]) => {
    const variable = `${prefix}_${key.replaceAll(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
    return typeof value === 'string' ? { [variable]: value } : variables(variable, value)
  })) as Record<string, string>
}

/** The values of the same keys, as text: Nitro 2 parses variables, Nitro 3 does not. */
function textsOf(config: Record<string, unknown>, keys: Texts): Texts {
  return Object.fromEntries(Object.entries(keys).map(([key, below]) => {
    const value = config[key]
    if (typeof below !== 'string') return [key, textsOf(value as Record<string, unknown>, below)]
    return [key, typeof value === 'string' ? value : JSON.stringify(value)]
  }))
}
