// Loaded before a server, so that a test can set its clock ahead: `globalThis.clockAhead`, in milliseconds.
const { now } = Date
Date.now = () => now() + (globalThis.clockAhead ?? 0)
