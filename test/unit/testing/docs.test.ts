import { describe, expect, it } from 'vitest'
import { codeBlocksOf, readDocument, sourceOf } from '../../support/embedded-code'

const blocks = codeBlocksOf(readDocument('docs/testing.md')).filter(({ language }) => language !== 'bash')

describe('docs/testing.md', () => {
  it('has an example for @nuxt/test-utils and one for Playwright', () => {
    const sources = blocks.map(({ file, region }) => `${file}#${region}`)
    expect(sources).toEqual(expect.arrayContaining(['test/examples/test-utils.test.ts#example', 'test/examples/playwright.test.ts#example']))
    expect(new Set(sources).size).toBe(sources.length)
  })

  it.each(blocks)('shows code that the tests run: $file#$region', ({ file, region, language, code }) => {
    expect(file, 'every block has a file that the tests run').toMatch(/^test\/(?:examples\/[\w-]+\.test|fixtures\/components\/(?:vitest\.config|test\/[\w-]+\.test))\.ts$/)
    expect(language).toBe('ts')
    expect(region).toBeDefined()
    expect(code).toBe(sourceOf({ file, region }))
  })

  it('shows every region', () => {
    for (const file of new Set(blocks.map(block => block.file!))) {
      const regions = [...readDocument(file).matchAll(/^\/\/ #region (\S+)$/gm)].map(match => match[1])
      expect(blocks.filter(block => block.file === file).map(({ region }) => region)).toEqual(regions)
    }
  })
})
