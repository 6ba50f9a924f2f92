/** iron's defaults with other iterations for both keys. */
export function sealOptions(iterations: number) {
  return {
    encryption: { saltBits: 256, algorithm: 'aes-256-cbc', iterations, minPasswordlength: 32 },
    integrity: { saltBits: 256, algorithm: 'sha256', iterations, minPasswordlength: 32 },
    ttl: 0,
    timestampSkewSec: 60,
    localtimeOffsetMsec: 0,
  } as const
}

/** The same in an app's config, without the end of the seal, which comes from the session. */
export function iterationsOnly(iterations: number) {
  const { encryption, integrity } = sealOptions(iterations)
  return { encryption, integrity }
}
