/** `cookie.maxBytes` of the session "large". The rest of the default is enough for the other sessions. */
export const LARGE_SESSION_MAX_BYTES = 5888
