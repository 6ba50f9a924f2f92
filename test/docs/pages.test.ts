import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { blocksOf, pagePaths, readText, shownOf } from './support/pages'
import { ADA, GRACE } from './support/visitor'

const APPS = 'test/fixtures/docs'
const INDEX = 'docs/README.md'

/** Pages whose code the tests of this folder run. */
const pages = pagePaths().filter(page => ['docs/guide.md', 'docs/device-bound.md'].includes(page) || page.startsWith('docs/recipes/'))
const blocks = pages.flatMap(page => blocksOf(page).map(block => ({ page, ...block })))

describe('the code of the guide and the recipes', () => {
  it.each(blocks.filter(({ language }) => language !== 'bash'))('is what is built and run: $page, $source', ({ source, code }) => {
    expect(source, 'every block names a file of an app that the tests build').toMatch(new RegExp(`^${APPS}/`))
    expect(code).toBe(shownOf(source!))
  })

  it('starts like the README', () => {
    const codes = blocksOf('README.md').map(({ code }) => code)
    expect(codes).toContain(`// server/api/visits.ts\n${shownOf(`${APPS}/sealed/server/api/visits.ts`)}`)
  })

  it.each([ADA, GRACE])('says how to log in as $email', ({ email, password }) => {
    expect(readText('docs/recipes/login.md')).toContain(`\`${email}\` with \`${password}\``)
  })

  it('shows every file of the apps', () => {
    const files = globSync(`${APPS}/{sealed,stored,database,mysql,sqlite,oauth,oauth-auth-utils,workers,subdomains,embedded,device-bound}/**/*.{ts,vue}`, { cwd: ROOT })
    const shown = new Set(blocks.map(({ source }) => source?.split('#')[0]))
    const isPlain = (file: string) => file.endsWith('app/app.vue')
    // A guide that builds on the files of another guide has links to them.
    const originalOf = (file: string) => relative(ROOT, realpathSync(join(ROOT, file)))
    expect(files.filter(file => !shown.has(originalOf(file)) && !isPlain(file))).toEqual([])
  })
})

describe('the pages', () => {
  it('have one line each in the index', () => {
    const links = linksOf(INDEX)
    expect(pagePaths().filter(page => page !== INDEX && !page.startsWith('docs/migration/') && !links.includes(page))).toEqual([])
  })

  it.each([...pagePaths(), 'README.md'])('link only to files that exist: %s', (page) => {
    expect(linksOf(page).filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it.each([...pagePaths(), 'README.md'])('link only to headings that exist: %s', (page) => {
    const missing = [...readText(page).matchAll(/\]\((?!\w+:)([^)#\s]*)#([^)\s]+)\)/g)].filter(([, path, anchor]) => {
      const target = path ? join(dirname(page), path) : page
      return existsSync(join(ROOT, target)) && !anchorsOf(target).includes(anchor!)
    })
    expect(missing.map(([link]) => link)).toEqual([])
  })
})

/** The files that a page links to, from the root of the repository. */
function linksOf(page: string): string[] {
  const targets = [...readText(page).matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(match => match[1]!)
  return targets.map(target => relative(ROOT, join(ROOT, dirname(page), target)))
}

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.+?^```/gms, '')
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-'))
}
