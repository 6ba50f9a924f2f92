/** TEST-ONLY, for the benchmark's servers on 127.0.0.1. */
export const TEST_PASSWORD = 'test-only-password-of-the-benchmark-4711'
