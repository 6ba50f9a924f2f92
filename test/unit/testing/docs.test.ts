import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/testing.md', ROOT), 'utf8')

/** Code blocks of the page, with the comment before them that names their source. */
const blocks = [...page.matchAll(/(?:<!-- (?<file>[^\s#]+)#(?<region>[^\s#]+) -->\n)?```(?<language>\w*)\n(?<code>.*?)\n```/gs)].map(({ groups }) => groups as Record<string, string | undefined>)

/** What stands between the marks of a region. */
function regionOf(file: string, region: string): string | undefined {
  const source = readFileSync(new URL(file, ROOT), 'utf8')
  return new RegExp(`^// #region ${region}\n(.*?)\n// #endregion$`, 'ms').exec(source)?.[1]
}

describe('docs/testing.md', () => {
  it('has an example for @nuxt/test-utils and one for Playwright', () => {
    const sources = blocks.map(({ file, region }) => `${file}#${region}`)
    expect(sources).toEqual(expect.arrayContaining(['test/examples/test-utils.test.ts#example', 'test/examples/playwright.test.ts#example']))
    expect(new Set(sources).size).toBe(sources.length)
  })

  it.each(blocks)('shows what runs: $file#$region', ({ file, region, language, code }) => {
    expect(file, 'every block names a file that the tests run').toMatch(/^test\/examples\/[\w-]+\.test\.ts$/)
    expect(language).toBe('ts')
    expect(code).toBe(regionOf(file!, region!))
  })

  it('shows every region', () => {
    for (const file of ['test/examples/test-utils.test.ts', 'test/examples/playwright.test.ts']) {
      const regions = [...readFileSync(new URL(file, ROOT), 'utf8').matchAll(/^\/\/ #region (\S+)$/gm)].map(match => match[1])
      expect(blocks.filter(block => block.file === file).map(({ region }) => region)).toEqual(regions)
    }
  })
})
