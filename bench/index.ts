// npm run bench [-- --short] [-- --only micro|macro|weight|devtools] [-- --profile read|write|<route>]
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measureDevtools } from './devtools/run.ts'
import { buildApp } from './macro/app-build.ts'
import { LoadGenerator } from './macro/load/generator.ts'
import { runMacro } from './macro/run.ts'
import { runMicro } from './micro/run.ts'
import { RESULTS } from './paths.ts'
import { runProfile } from './profile/run.ts'
import { renderReport } from './report/report.ts'
import type { Results } from './report/report.ts'
import { FULL, SHORT } from './settings.ts'
import type { Settings } from './settings.ts'
import { measureWeight } from './weight/run.ts'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' }, profile: { type: 'string' } },
})
const PARTS = ['micro', 'macro', 'weight', 'devtools']
if (values.only !== undefined && !PARTS.includes(values.only)) throw new Error(`--only must be one of ${PARTS.join(', ')}.`)
const settings = values.short ? SHORT : FULL

if (values.profile === undefined) await runBenchmarks(settings, values.only)
else console.log(await runProfile(await buildApp(), values.profile, settings))

async function runBenchmarks(settings: Settings, only: string | undefined): Promise<void> {
  const start = performance.now()
  const log = (text: string) => console.error(`[${((performance.now() - start) / 1000).toFixed(0)} s] ${text}`)
  const results: Results = {}
  const isWanted = (part: string) => only === undefined || only === part
  if (isWanted('micro')) {
    log('seals in isolation')
    results.micro = await runMicro(settings.micro)
  }
  if (isWanted('macro')) {
    log('building the Nitro app')
    results.macro = await runMacro(await buildApp(), settings, log)
  }
  if (isWanted('weight')) {
    log('new apps with and without the module')
    const generator = new LoadGenerator()
    results.weight = await measureWeight(generator, settings).finally(() => generator.stop())
  }
  if (isWanted('devtools')) {
    log('nuxt dev with and without the tab "Sessions"')
    const generator = new LoadGenerator()
    results.devtools = await measureDevtools(generator, settings, log).finally(() => generator.stop())
  }
  const report = renderReport(results, settings, new Date())
  console.log(report)
  // Partial or short results must not replace a full report.
  if (settings !== FULL || only !== undefined) return
  await writeFile(RESULTS, report)
  log(`written to ${RESULTS}`)
}
