import { lifecycleCases } from './lifecycle'
import { listCases } from './lists'
import { revocationCases } from './revocations'
import type { StoreConformanceCase } from './store-under-test'
import { updateCases } from './updates'
import { userCases } from './users'

/**
 * The requirements for every session store, with any driver. For your own driver, in any test runner:
 * `for (const { name, run } of storeConformance) it(name, () => run(new StoreUnderTest({ createDriver })))`.
 */
export const storeConformance: readonly StoreConformanceCase[] =
  Object.entries({ ...lifecycleCases, ...updateCases, ...userCases, ...revocationCases, ...listCases })
    .map(([name, run]) => ({ name, run }))
