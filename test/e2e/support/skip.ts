import { beforeEach } from 'vitest'
import { reasonAgainst, TARGET_NAME } from './targets'

// What the target cannot run is skipped with its reason.
beforeEach(({ task, skip }) => {
  const reason = reasonAgainst(TARGET_NAME, task.fullTestName ?? task.name)
  if (reason) skip(reason)
})
