import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../e2e/support/build'

/** A code block of a page, with the comment before it that names its source. */
export interface Block {
  /** A path from the root of the repository, and a region of that file if it is not shown completely. */
  source: string | undefined
  language: string
  code: string
}

/** The pages of `docs/`, by their path from the root of the repository. */
export function pagePaths(): string[] {
  return globSync('docs/**/*.md', { cwd: ROOT }).toSorted()
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export function blocksOf(page: string): Block[] {
  const pattern = /(?:<!-- (?<source>\S+) -->\n)?```(?<language>\w*)\n(?<code>.*?)\n```/gs
  return [...readText(page).matchAll(pattern)].map(({ groups }) => groups as unknown as Block)
}

/** The text that a block must show: a file, or a region of one with the keys around it, without the marks of regions. */
export function shownOf(source: string): string {
  const [path = '', region] = source.split('#')
  const text = readText(path)
  const shown = region === undefined ? text : regionOf(text, region)
  return dedent(shown.split('\n').filter(line => !/^\s*\/\/ #(?:end)?region/.test(line))).trimEnd()
}

/** The environment of the commands in a page that start a server, as the page gives it. */
export function environmentsOf(page: string): Record<string, string>[] {
  const commands = blocksOf(page)
    .filter(({ language }) => language === 'bash')
    .flatMap(({ code }) => code.replaceAll('\\\n', ' ').split('\n'))
    .filter(line => line.includes('node .output/server/index.mjs'))
  return commands.map(line => Object.fromEntries(
    [...line.matchAll(/\b([A-Z_]+)=(?:'([^']*)'|(\S+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]),
  ))
}

function regionOf(text: string, region: string): string {
  const found = new RegExp(`^(.*?\n)\\s*// #region ${region}\n(.*?)\n\\s*// #endregion$`, 'ms').exec(text)
  if (!found) throw new Error(`There is no region ${region}.`)
  return insideKeys(found[1]!.trimEnd().split('\n'), found[2]!)
}

/** Wraps a part of a config in the keys that it is in, such as `session: { … }`, so that it can be pasted. */
function insideKeys(before: string[], part: string): string {
  const parent = before.findLastIndex(line => indentOf(line) < indentOf(part))
  const line = before[parent]
  if (!line?.endsWith(': {')) return part
  return insideKeys(before.slice(0, parent), `${line}\n${part}\n${' '.repeat(indentOf(line))}},`)
}

function indentOf(text: string): number {
  return /^ */.exec(text)![0].length
}

function dedent(lines: string[]): string {
  const indents = lines.filter(line => line.trim() !== '').map(indentOf)
  const least = Math.min(...indents)
  return lines.map(line => line.slice(least)).join('\n')
}
