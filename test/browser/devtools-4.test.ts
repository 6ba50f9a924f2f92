import { describe, expect, it, onTestFinished } from 'vitest'
import { openApp, suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import { DEVTOOLS, frameOf } from './support/devtools'

describe.runIf(DEVTOOLS.rpc === 'devframe')('the dock of DevTools 4 in the app\'s page', () => {
  const server = suiteDevServer()
  const newContext = suiteChromium(server)

  it('has the tab in the group "Nuxt", with its title and its own icon, and shows the app\'s session in it', async () => {
    const context = await newContext()
    onTestFinished(() => context.close())
    const page = await openApp(context)
    await DEVTOOLS.embed(page)
    const button = page.locator('devframes-dock-embedded').getByRole('button', { name: 'Sessions', exact: true })
    const icon = button.locator('img')
    expect(await icon.getAttribute('src')).toBe(`${DEVTOOLS.panel}/icon.svg`)
    await expect.poll(() => icon.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 10_000 }).toBeGreaterThan(0)
    const panel = await frameOf(page, DEVTOOLS.panel)
    await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
    await context.request.post('/api/login', { maxRedirects: 0 })
    await panel.getByRole('option').filter({ hasText: 'Ada Lovelace' }).filter({ hasText: 'this browser' }).waitFor()
  })

  it.each(['light', 'dark'] as const)('shows the panel in its own %s mode', async (colorScheme) => {
    const context = await newContext({ colorScheme })
    onTestFinished(() => context.close())
    const page = await openApp(context)
    await DEVTOOLS.embed(page)
    const panel = await frameOf(page, DEVTOOLS.panel)
    await panel.getByRole('tablist', { name: 'Views' }).waitFor()
    expect(await panel.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(colorScheme === 'dark')
  })
})
