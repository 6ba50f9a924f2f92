import { expect, it } from 'vitest'
import { renderReference } from '../../scripts/docs-reference'
import { readText } from './support/pages'

const reference = readText('docs/reference.md')

it('matches the sources: run `node scripts/docs-reference.ts` after a change', () => {
  expect(reference).toBe(renderReference())
})

it('describes everything that it names', () => {
  const tables = reference.trimEnd().split('\n\n').filter(part => part.startsWith('| ')).map(part => part.split('\n').map(cellsOf))
  const rows = tables.flatMap(([head, , ...rows]) => {
    const meaning = head!.findIndex(cell => ['meaning', 'when'].includes(cell))
    return rows.map(row => ({ name: row[0], meaning: row[meaning] }))
  })
  expect(rows.length).toBeGreaterThan(80)
  expect(rows.filter(row => !row.meaning).map(({ name }) => name)).toEqual([])
  const functions = reference.matchAll(/### (\w+)\n\n```ts\n.*\n```\n\n(.*)/g)
  expect(Array.from(functions, ([, name, text]) => [name, text]).filter(([, text]) => !text || text.startsWith('#'))).toEqual([])
})

/** The cells of a line of a table. */
function cellsOf(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim())
}
