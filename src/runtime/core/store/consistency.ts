import type { StoreDriver } from './context'

/**
 * Whether each server reads the last value that any server wrote: `'eventual'` if other locations read old values for a
 * while, `'unknown'` if it depends on what is behind the driver.
 */
export type Consistency = 'strong' | 'eventual' | 'unknown'

interface DriverOptions {
  boostCache?: boolean
  clientOptions?: { readPreference?: unknown }
  connectionString?: string
  consistency?: string
  layers?: StoreDriver[]
}

/** The consistency of an unstorage driver, by its name and options. A driver that is not in this list counts as strongly consistent. */
export function consistencyOf({ name, options }: Pick<StoreDriver, 'name' | 'options'>): Consistency {
  const { boostCache, clientOptions, connectionString, consistency, layers } = (options ?? {}) as DriverOptions
  switch (name) {
    case 'cloudflare-kv-binding':
    case 'cloudflare-kv-http':
    case 'upstash': // any replica answers reads
    case 'vercel-kv':
    case 'vercel-runtime-cache': // one cache in each region
    case 'vercel-blob': // files behind a CDN
    case 'uploadthing':
      return 'eventual'
    case 'netlify-blobs':
      return consistency === 'strong' ? 'strong' : 'eventual'
    case 'planetscale':
      return boostCache ? 'eventual' : 'strong'
    case 'mongodb':
      return readsSecondaries(clientOptions?.readPreference, connectionString) ? 'eventual' : 'strong'
    case 'azure-cosmos': // the account has a consistency level
    case 'http': // another server
      return 'unknown'
    case 'overlay': // writes to its first layer
      return layers?.[0] ? consistencyOf(layers[0]) : 'unknown'
    default:
      return 'strong'
  }
}

function readsSecondaries(option: unknown, connectionString = ''): boolean {
  const mode = (option as { mode?: unknown } | undefined)?.mode ?? option ?? /[?&]readPreference=(\w+)/i.exec(connectionString)?.[1]
  return mode !== undefined && String(mode).toLowerCase() !== 'primary'
}
