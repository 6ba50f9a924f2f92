import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DefaultTheme, SiteConfig } from 'vitepress'

interface Page {
  title: string
  /** The first sentence of the page. */
  summary: string
  url: string
  text: string
}

/** Writes llms.txt, the list of pages, and llms-full.txt, all pages in one file: see https://llmstxt.org. */
export async function writeLlmsFiles({ outDir, srcDir, site }: SiteConfig, groups: DefaultTheme.SidebarItem[]): Promise<void> {
  const head = `# ${site.title}\n\n> ${site.description}\n`
  const sections = await Promise.all(groups.map(async group => ({
    name: group.text,
    pages: await Promise.all((group.items ?? []).map(item => readPage(srcDir, site.base, item.link!))),
  })))
  const list = sections.map(({ name, pages }) =>
    `## ${name}\n\n${pages.map(({ title, summary, url }) => `- [${title}](${url}): ${summary}`).join('\n')}\n`)
  const texts = sections.flatMap(({ pages }) => pages).map(({ url, text }) => `<!-- ${url} -->\n\n${text}`)
  await writeFile(join(outDir, 'llms.txt'), [head, ...list].join('\n'))
  await writeFile(join(outDir, 'llms-full.txt'), [head, ...texts].join('\n'))
}

async function readPage(srcDir: string, base: string, link: string): Promise<Page> {
  const file = link.endsWith('/') ? `${link}README.md` : `${link}.md`
  const text = await readFile(join(srcDir, file), 'utf8')
  const [, title = link, summary = ''] = /^# (.+)\n\n(.+?(?:[.?](?= )|$))/m.exec(text) ?? []
  return { title, summary: summary.replaceAll(/\[(.+?)\]\(.+?\)/g, '$1'), url: base + link.slice(1), text }
}
