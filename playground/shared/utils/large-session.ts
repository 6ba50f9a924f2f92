/** `cookie.maxBytes` of the session "large": a KiB below the default, which is left to the other sessions. */
export const LARGE_SESSION_MAX_BYTES = 6144
