import { expect, it } from 'vitest'
import { renderReference } from '../../scripts/docs-reference'
import { readText } from './support/pages'

const reference = readText('docs/reference.md')

it('matches the sources: run `node scripts/docs-reference.ts` after a change', () => {
  expect(reference).toBe(renderReference())
})

it('describes everything that it names', () => {
  const cells = reference.split('\n').filter(line => line.startsWith('| `')).map(line => line.split(/(?<!\\)\|/).slice(1, -1))
  expect(cells.length).toBeGreaterThan(80)
  expect(cells.filter(row => row.at(-1)!.trim() === '').map(([name]) => name)).toEqual([])
  const functions = reference.matchAll(/### (\w+)\n\n```ts\n.*\n```\n\n(.*)/g)
  expect(Array.from(functions, ([, name, text]) => [name, text]).filter(([, text]) => !text || text.startsWith('#'))).toEqual([])
})
