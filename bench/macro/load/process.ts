// The load process: responds to a job with its result.
import { percentile } from '../../statistics.ts'
import { runAutocannon } from './autocannon-run.ts'
import type { LoadJob, LoadResult } from './job.ts'
import { runPaced } from './paced-run.ts'

process.on('message', async (job: LoadJob) => process.send?.(await run(job)))

async function run(job: LoadJob): Promise<LoadResult> {
  const usage = process.cpuUsage()
  const start = performance.now()
  const { latencies, failures, elapsed } = job.pace === undefined ? await runAutocannon(job) : await runPaced(job, job.pace)
  const { user, system } = process.cpuUsage(usage)
  return {
    requests: latencies.length,
    perSecond: latencies.length > 0 ? latencies.length / elapsed * 1000 : Number.NaN,
    latencies,
    p99: percentile(latencies, 0.99),
    failures,
    generatorLoad: (user + system) / 1000 / (performance.now() - start),
  }
}
