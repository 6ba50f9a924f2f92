import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import overlay from 'unstorage/drivers/overlay'
import { expect, it } from 'vitest'
import { consistencyOf } from '../../../src/runtime/core/store/consistency'
import type { StoreDriver } from '../../../src/runtime/core/store/context'

const DRIVERS = fileURLToPath(new URL('.', import.meta.resolve('unstorage/drivers/memory')))

// With the driver's default options. A driver that unstorage adds must be looked at.
const EXPECTED = {
  strong: [
    'azure-app-configuration', 'azure-key-vault', 'azure-storage-blob', 'azure-storage-table', 'capacitor-preferences',
    'cloudflare-r2-binding', 'db0', 'deno-kv', 'deno-kv-node', 'fs', 'fs-lite', 'github', 'idb-keyval', 'localstorage', 'lru-cache',
    'memory', 'mongodb', 'null', 'planetscale', 'redis', 's3', 'session-storage',
  ],
  eventual: ['cloudflare-kv-binding', 'cloudflare-kv-http', 'netlify-blobs', 'uploadthing', 'upstash', 'vercel-blob', 'vercel-kv', 'vercel-runtime-cache'],
  unknown: ['azure-cosmos', 'http', 'overlay'],
}

it('is known for every driver of unstorage', () => {
  const names = globSync('*.mjs', { cwd: DRIVERS }).map(nameOf)
  expect(names.toSorted()).toEqual(Object.values(EXPECTED).flat().toSorted())
  for (const [consistency, expected] of Object.entries(EXPECTED))
    expect(names.filter(name => consistencyOf({ name }) === consistency).toSorted()).toEqual(expected)
})

it.each<[name: string, options: object, expected: string]>([
  ['netlify-blobs', { name: 'sessions', consistency: 'strong' }, 'strong'],
  ['netlify-blobs', { name: 'sessions', consistency: 'eventual' }, 'eventual'],
  ['planetscale', { boostCache: true }, 'eventual'],
  ['mongodb', { connectionString: 'mongodb://db.example/app?retryWrites=true&readPreference=secondaryPreferred' }, 'eventual'],
  ['mongodb', { connectionString: 'mongodb://db.example/app?readPreference=primary' }, 'strong'],
  ['mongodb', { connectionString: 'mongodb://db.example/app?readPreference=nearest', clientOptions: { readPreference: 'primary' } }, 'strong'],
  ['mongodb', { connectionString: 'mongodb://db.example/app', clientOptions: { readPreference: { mode: 'nearest' } } }, 'eventual'],
  ['cloudflare-kv-binding', { consistency: 'strong' }, 'eventual'],
])('of %s with the options %j is %s', (name, options, expected) => {
  expect(consistencyOf({ name, options })).toBe(expected)
})

it('of an overlay is that of the layer to which it writes', () => {
  const layers = ['fs-lite', 'cloudflare-kv-binding'].map(name => ({ name }) as StoreDriver)
  expect(consistencyOf(overlay({ layers: layers as never }) as never)).toBe('strong')
  expect(consistencyOf(overlay({ layers: layers.toReversed() as never }) as never)).toBe('eventual')
})

it('of a driver of the app is strong', () => {
  for (const name of [undefined, 'mine', 'constructor']) expect(consistencyOf({ name, options: null })).toBe('strong')
})

function nameOf(file: string): string {
  const name = /(?:const DRIVER_NAME = |\bname: )"([\w-]+)"/.exec(readFileSync(DRIVERS + file, 'utf8'))?.[1]
  if (name === undefined) throw new Error(`The name of ${file} was not found.`)
  return name
}
