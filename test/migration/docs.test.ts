import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { codeBlocksOf, readDocument, sourceOf } from '../support/embedded-code'

const GUIDES = readdirSync(join(ROOT, 'docs/migration')).filter(file => file !== 'README.md')
const SECTIONS = ['Before', 'After', 'What changes for visitors', 'What to look out for', 'How it was tested']

describe.each(GUIDES)('docs/migration/%s', (guide) => {
  const page = readDocument(`docs/migration/${guide}`)
  const fixture = `test/fixtures/migration/${guide.replace(/\.md$/, '')}/`
  const blocks = codeBlocksOf(page).filter(({ language }) => language !== 'bash')

  it.each(blocks)('shows what runs: $file', ({ file, region, code }) => {
    expect(file, 'every block names a file of the fixtures').toContain(fixture)
    expect(code).toBe(sourceOf({ file, region }))
  })

  it('names the file of each block in an app', () => {
    for (const { file } of blocks) {
      const path = file!.slice(fixture.length).replace(/^(before|after|after-oauth)\//, '')
      expect(page).toMatch(new RegExp(`\`${path.replaceAll('.', '\\.')}\`[^\n]*:\n\n<!-- ${file!.replaceAll('.', '\\.')} -->`))
    }
  })

  it('has the sections of every guide, and is in the index', () => {
    expect([...page.matchAll(/^## (.+)$/gm)].map(match => match[1])).toEqual(SECTIONS)
    expect(readDocument('docs/migration/README.md')).toContain(`(./${guide})`)
    expect(page).toContain(`(../../test/migration/${guide.replace(/\.md$/, '.test.ts')})`)
  })
})

it.each([...GUIDES, 'README.md'])('the links of docs/migration/%s lead to files and headings that exist', (guide) => {
  const links = Array.from(readDocument(`docs/migration/${guide}`).matchAll(/\]\((\.[^)]+)\)/g), match => match[1]!)
  for (const link of links) {
    const [path = '', anchor] = link.split('#')
    const target = join('docs/migration', path)
    expect(existsSync(join(ROOT, target)), link).toBe(true)
    if (anchor) expect(headingsOf(readDocument(target)), link).toContain(anchor)
  }
})

/** The anchors that GitHub gives the headings. */
function headingsOf(page: string): string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), match => match[1]!.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-'))
}
