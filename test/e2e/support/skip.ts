import { beforeEach } from 'vitest'
import { reasonAgainst, TARGET_NAME } from './targets'

// Tests that the target cannot run are skipped with their reason.
beforeEach(({ task, skip }) => {
  const reason = reasonAgainst(TARGET_NAME, task.fullTestName ?? task.name)
  if (reason) skip(reason)
})
