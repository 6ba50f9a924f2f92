/** Longer tokens are rejected before any crypto. */
export const MAX_TOKEN_LENGTH = 16 * 1024
