import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { cleanEnvironment, run } from '../support/process'
import { pagePaths } from './support/pages'

const BASE = '/nuxt-h3-session/'
const BLOB = 'https://github.com/nuxt-h3-session/nuxt-h3-session/blob/main/'
const site = mkdtempSync(join(tmpdir(), 'docs-site-'))
/** The path of each page on the site, without the base. */
const pages = pagePaths().map(page => page.replace(/^docs\//, '').replace(/README\.md$/, '').replace(/\.md$/, ''))

/** The HTML of each page, by the same path. */
const html = new Map<string, string>()

beforeAll(async () => {
  const cli = join(ROOT, 'node_modules/vitepress/bin/vitepress.js')
  const { code, output } = await run(process.execPath, [cli, 'build', 'docs', '--outDir', site], {
    cwd: ROOT,
    env: cleanEnvironment({ DOCS_BASE: BASE }),
    timeout: 200_000,
  })
  expect(code, output).toBe(0)
  for (const file of globSync('**/*.html', { cwd: site })) html.set(file.replace(/(?:\bindex)?\.html$/, ''), readFileSync(join(site, file), 'utf8'))
})

afterAll(() => rmSync(site, { recursive: true, force: true }))

it('has every page of docs/', () => {
  expect([...html.keys()].filter(page => page !== '404').toSorted()).toEqual(pages.toSorted())
})

it('links only to pages, headings and files that exist', () => {
  const missing = [...html].flatMap(([page, text]) => hrefsOf(text).filter(href => !leadsSomewhere(page, href)).map(href => `${page}: ${href}`))
  expect(missing).toEqual([])
})

it('links to the files of the repository on GitHub', () => {
  expect(hrefsOf(html.get('security')!)).toContain(`${BLOB}SECURITY.md`)
  expect(hrefsOf(html.get('speed')!)).toContain(`${BLOB}bench/RESULTS.md`)
})

it.each(['the sidebar', 'llms.txt'])('lists every page in %s', (list) => {
  const links = list === 'llms.txt'
    ? [...readFileSync(join(site, 'llms.txt'), 'utf8').matchAll(/^- \[.+?\]\((\S+)\): .+$/gm)].map(match => match[1]!)
    : hrefsOf(/<aside class="VPSidebar".*?<\/aside>/s.exec(html.get('guide')!)![0])
  expect(links.filter(link => link.startsWith(BASE)).toSorted()).toEqual(pages.map(page => BASE + page).toSorted())
})

it('has all texts in llms-full.txt', () => {
  const all = readFileSync(join(site, 'llms-full.txt'), 'utf8')
  expect(pagePaths().filter(page => !all.includes(readFileSync(join(ROOT, page), 'utf8')))).toEqual([])
})

function hrefsOf(text: string): string[] {
  return [...text.matchAll(/<a\b[^>]*? href="([^"]*)"/g)].map(match => match[1]!.replaceAll('&amp;', '&'))
}

function leadsSomewhere(page: string, href: string): boolean {
  if (href.startsWith(BLOB)) return existsSync(join(ROOT, href.slice(BLOB.length).replace(/#.*/, '')))
  if (/^[a-z]+:/.test(href)) return true
  const { pathname, hash } = new URL(href, `http://site${posix.join(BASE, page)}`)
  if (!pathname.startsWith(BASE)) return false
  const target = html.get(pathname.slice(BASE.length))
  return target !== undefined && (hash === '' || target.includes(`id="${decodeURIComponent(hash.slice(1))}"`))
}
