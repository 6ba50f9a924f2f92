/** iron's own options, but for the iterations of both keys. */
export function sealOptions(iterations: number) {
  return {
    encryption: { saltBits: 256, algorithm: 'aes-256-cbc', iterations, minPasswordlength: 32 },
    integrity: { saltBits: 256, algorithm: 'sha256', iterations, minPasswordlength: 32 },
    ttl: 0,
    timestampSkewSec: 60,
    localtimeOffsetMsec: 0,
  } as const
}

/** The same as an app's config says it, which leaves the end of a seal to its session. */
export function iterationsOnly(iterations: number) {
  const { encryption, integrity } = sealOptions(iterations)
  return { encryption, integrity }
}
