import { creationCases } from './store-conformance/creation'
import { destructionCases } from './store-conformance/destruction'
import { listCases } from './store-conformance/lists'
import type { StoreConformanceCase } from './store-conformance/store-under-test'
import { updateCases } from './store-conformance/updates'
import { userCases } from './store-conformance/users'

export { StoreUnderTest } from './store-conformance/store-under-test'
export type { StoreConformanceCase, StoreConformanceOptions } from './store-conformance/store-under-test'

/**
 * The requirements for every session store, with any driver. For your own driver, in any test runner:
 * `for (const { name, run } of storeConformance) it(name, () => run(new StoreUnderTest({ createDriver })))`.
 */
export const storeConformance: readonly StoreConformanceCase[] =
  [...creationCases, ...updateCases, ...destructionCases, ...userCases, ...listCases]
