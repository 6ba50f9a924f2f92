import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { openApp, openPanel, press, suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'

const IMAGES = join(ROOT, 'docs/images')

describe.runIf(process.env.UPDATE_SCREENSHOTS)('the tab in the documentation', () => {
  const server = suiteDevServer()
  const newContext = suiteChromium(server)

  it.each(['light', 'dark'] as const)('in %s', async (colorScheme) => {
    const visitor = await newContext({ isAuthorised: false })
    await openApp(visitor)
    const buyer = await openApp(await newContext({ isAuthorised: false }))
    await press(buyer, 'cart')
    await press(buyer, 'logout')
    const context = await newContext({ colorScheme })
    const { page, panel } = await openPanel(context)
    await context.request.get('/api/with-h3')
    const app = await openApp(context)
    await press(app, 'login')
    for (const item of ['a book', 'a lamp', 'a fountain pen']) await app.request.post('/api/cart', { data: { item }, maxRedirects: 0 })
    await page.bringToFront()
    await panel.getByRole('option').filter({ hasText: 'Ada Lovelace' }).filter({ hasText: 'this browser' }).click()
    await panel.getByText('a fountain pen').waitFor()
    await mkdir(IMAGES, { recursive: true })
    await page.screenshot({ path: join(IMAGES, `devtools-${colorScheme}.png`) })
  })
})
