/** Node, Bun and Deno have their environment at start. Workers get it with the first request. */
export const HAS_ENVIRONMENT_AT_START = globalThis.navigator?.userAgent !== 'Cloudflare-Workers'
  && globalThis.process?.getBuiltinModule !== undefined
