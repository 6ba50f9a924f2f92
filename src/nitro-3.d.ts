// The used part of Nitro 3. The package is built without it, because its types need h3 2 under the name `h3`.

declare module 'nitro/cache' {
  type Handler = (event: import('./runtime/adapters/h3-v2/event').NextEvent) => unknown
  export function defineCachedHandler(handler: Handler, options?: object): Handler
  export function defineCachedFunction(...args: unknown[]): unknown
}

declare module 'nitro/h3' {
  type Handler = (event: import('./runtime/adapters/h3-v2/event').NextEvent) => unknown
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

declare module 'h3/rules' {
  export interface RouteRuleConfig {}
  export interface RouteRules {}
}
