// node serve/worker.mjs FOLDER [FLAG…]: serves a built Cloudflare worker in workerd, with the environment as its bindings.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { Log, LogLevel, Miniflare } from 'miniflare'

const [outputDir, ...compatibilityFlags] = process.argv.slice(2)
const root = join(outputDir, 'server')
const files = globSync('**/*.mjs', { cwd: root }).toSorted((one, other) => Number(other === 'index.mjs') - Number(one === 'index.mjs'))

const worker = new Miniflare({
  host: process.env.HOST,
  port: Number(process.env.PORT),
  modulesRoot: root,
  modules: files.map(file => ({ type: 'ESModule', path: join(root, file) })),
  compatibilityDate: '2026-07-30',
  compatibilityFlags,
  assets: { directory: join(outputDir, 'public'), binding: 'ASSETS', routerConfig: { has_user_worker: true } },
  bindings: Object.fromEntries(Object.entries(process.env).filter(([key]) => /^(?:NUXT|NITRO|APP|TEST)_/.test(key))),
  d1Databases: { DB: 'sessions' },
  cf: false,
  log: new Log(LogLevel.ERROR),
  handleRuntimeStdio(stdout, stderr) {
    stdout.pipe(process.stdout)
    stderr.pipe(process.stderr)
  },
})
// workerd is a separate process.
process.once('SIGTERM', () => worker.dispose().finally(() => process.exit()))
await worker.ready
