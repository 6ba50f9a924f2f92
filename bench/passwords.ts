/** For the benchmark's own servers on 127.0.0.1, and of no use anywhere else. */
export const TEST_PASSWORD = 'test-only-password-of-the-benchmark-4711'
