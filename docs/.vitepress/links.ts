import { posix } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

/**
 * The pages link to each other as GitHub needs it: to README.md of a folder, and to files of the repository that are no
 * pages. On the site the first is the folder's index, and the second is the file on GitHub.
 */
export function rewriteLinks(md: MarkdownRenderer, repository: string): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    // Relative to docs/. The index of a folder has its path after the rewrite, in the same folder.
    const folder = posix.dirname(env.relativePath ?? '')
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null
      if (href !== null) token.attrSet('href', rewriteLink(href, folder, repository))
    }
  })
}

function rewriteLink(href: string, folder: string, repository: string): string {
  if (!/^\.{1,2}\//.test(href)) return href
  const target = posix.join('docs', folder, href)
  if (!target.startsWith('docs/')) return `${repository}/blob/main/${target}`
  return href.replace(/\bREADME\.md(?=#|$)/, 'index.md')
}

/** The anchor that GitHub gives a heading, so that links work in both places. */
export function slugify(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(/\s/g, '-')
}
