import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { build, preview } from 'vite'
import type { PreviewServer } from 'vite'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { ROOT } from '../../e2e/support/build'
import { freePort } from '../../support/ports'
import { launchChromium } from './launch'

/** The sizes that the panel is seen at: a window, DevTools in the app's page by default, and its narrowest. */
export const SIZES = { window: { width: 1280, height: 800 }, embedded: { width: 972, height: 478 }, narrow: { width: 300, height: 600 } }

const TIMEOUT = 10_000

/** The panel with its sample data, as by `npm run dev:client`, but built, because pages of many files load slowly. */
export function suiteSamplePanel() {
  let outDir = ''
  let server: PreviewServer
  let browser: Browser
  let url = ''
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'h3-session-panel-'))
    const port = await freePort()
    const config = { configFile: join(ROOT, 'client/vite.config.ts'), logLevel: 'error', mode: 'development', build: { outDir, emptyOutDir: true } } as const
    await build(config)
    server = await preview({ ...config, preview: { host: '127.0.0.1', port, strictPort: true } })
    url = `http://127.0.0.1:${port}/?still`
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    await rm(outDir, { recursive: true })
  })

  /** `sample`: more parameters of the sample data, such as `&sessions=500`. */
  async function openSample(options: BrowserContextOptions, sample = ''): Promise<Page> {
    const page = await browser.newPage({ timezoneId: 'UTC', ...options })
    page.setDefaultTimeout(TIMEOUT)
    onTestFinished(() => page.close())
    return showSample(page, sample)
  }

  /** The same in a page of another browser. */
  async function showSample(page: Page, sample = ''): Promise<Page> {
    await page.goto(url + sample)
    await page.getByRole('tablist', { name: 'Views' }).waitFor()
    return page
  }

  return { openSample, showSample }
}
