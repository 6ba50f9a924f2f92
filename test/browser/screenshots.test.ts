import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { SIZES, suiteSamplePanel } from './support/sample-panel'

const IMAGES = join(ROOT, 'docs/images')

describe.runIf(process.env.UPDATE_SCREENSHOTS)('the panel in the documentation', () => {
  const { openSample } = suiteSamplePanel()

  describe.each(['light', 'dark'] as const)('in %s mode', (colorScheme) => {
    it.each([['devtools', SIZES.window], ['devtools-972', SIZES.embedded], ['devtools-300', SIZES.narrow]])('%s', async (name, viewport) => {
      const page = await openSample({ viewport, colorScheme, locale: 'en-GB' })
      await page.getByRole('option').first().click()
      await page.getByText('"Ada Lovelace"').waitFor()
      // A focus ring in the picture would look like a part of the design.
      await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
      await page.mouse.move(0, 0)
      await mkdir(IMAGES, { recursive: true })
      await page.screenshot({ path: join(IMAGES, `${name}-${colorScheme}.png`), animations: 'disabled' })
    })
  })
})
