import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { buildApp } from '../e2e/support/build'
import type { BuiltApp } from '../e2e/support/build'

let app: BuiltApp
beforeAll(async () => { app = await buildApp('docs-workers') })

// `npm run test:matrix -- cloudflare` runs the recipe's plugin on workerd; test/store tests the cleaning.
it('the recipe for workers builds a worker with its database and its cron', async () => {
  const config = JSON.parse(await readFile(join(app.outputDir, 'server/wrangler.json'), 'utf8')) as object
  expect(config).toMatchObject({
    d1_databases: [{ binding: 'DB', database_name: 'sessions' }],
    triggers: { crons: ['0 * * * *'] },
  })
})
