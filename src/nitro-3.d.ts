// What of Nitro 3 the package uses. It is built without Nitro 3, whose types need an h3 2 under the name of h3 1.

declare module 'nitro/cache' {
  type Handler = (event: import('./runtime/h3-2/event').NextEvent) => unknown
  export function defineCachedHandler(handler: Handler, options?: object): Handler
  export function defineCachedFunction(...args: unknown[]): unknown
}

declare module 'nitro/h3' {
  type Handler = (event: import('./runtime/h3-2/event').NextEvent) => unknown
  export function defineHandler(handler: Handler): Handler
}

declare module 'nitro/runtime-config' {
  export function useRuntimeConfig(): Record<string, unknown> & { nitro?: { envPrefix?: string }, public?: object }
}

declare module 'nitro/storage' {
  export function useStorage(): { getMount: (key: string) => { base: string, driver: unknown } }
}

declare module 'nitro/types' {
  export interface NitroRuntimeHooks {}
}
