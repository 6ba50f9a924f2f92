/** Helpers for the tests of apps: `nuxt-h3-session/testing`. */
export { storeConformance, StoreUnderTest } from './testing/store-conformance'
export type { StoreConformanceCase, StoreConformanceOptions } from './testing/store-conformance'
export type { StoreDriver, StoreFiles } from './runtime/core/store/environment'
