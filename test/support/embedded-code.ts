import { readFileSync } from 'node:fs'

const ROOT = new URL('../../', import.meta.url)

/** A code block of a page of the docs, with the file that the comment before it names, and the region of it. */
interface CodeBlock {
  file: string | undefined
  region: string | undefined
  language: string
  code: string
}

export function readDocument(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

export function codeBlocksOf(page: string): CodeBlock[] {
  const blocks = page.matchAll(/(?:<!-- (?<file>[^\s#]+)(?:#(?<region>[^\s#]+))? -->\n)?```(?<language>\w*)\n(?<code>.*?)\n```/gs)
  return Array.from(blocks, ({ groups }) => ({ ...groups }) as unknown as CodeBlock)
}

/** The code that a block must show: the text between the marks of the region, or the whole file. */
export function sourceOf({ file, region }: Pick<CodeBlock, 'file' | 'region'>): string | undefined {
  if (file === undefined) return undefined
  const source = readDocument(file)
  if (region === undefined) return source.trimEnd()
  return new RegExp(`^// #region ${region}\n(.*?)\n// #endregion$`, 'ms').exec(source)?.[1]
}
