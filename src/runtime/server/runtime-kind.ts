/** Workers get their environment with the first request, and no time before; Node, Bun and Deno have it at once. */
export const HAS_ENVIRONMENT_AT_START = globalThis.navigator?.userAgent !== 'Cloudflare-Workers'
  && globalThis.process?.getBuiltinModule !== undefined
