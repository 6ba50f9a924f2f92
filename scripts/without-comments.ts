import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'

/**
 * JavaScript without comments that have their own lines. esbuild keeps those of class members and of properties, and
 * Nitro does not remove them from a package's code in a built server. Types keep theirs.
 */
export function withoutComments(code: string): string {
  const source = ts.createSourceFile('source.js', code, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS)
  const lines = new Map<number, number>()
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(code, node.pos) ?? []) {
      const start = code.lastIndexOf('\n', pos) + 1
      const next = code.indexOf('\n', end) + 1
      if (code.slice(start, pos).trim() === '' && code.slice(end, next).trim() === '') lines.set(start, next)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  let result = ''
  let at = 0
  for (const [start, next] of [...lines].sort(([one], [other]) => one - other)) {
    result += code.slice(at, start)
    at = next
  }
  return result + code.slice(at)
}

/** Rewrites the JavaScript below a folder. */
export async function removeComments(folder: string): Promise<void> {
  for await (const name of glob('**/*.js', { cwd: folder })) {
    const file = join(folder, name)
    await writeFile(file, withoutComments(await readFile(file, 'utf8')))
  }
}
