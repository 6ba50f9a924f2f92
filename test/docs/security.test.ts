import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { readText } from './support/pages'

/** The requirements of ASVS 5.0.0 in the chapters V3.3 and V7. */
const REQUIREMENTS = [
  '3.3.1', '3.3.2', '3.3.3', '3.3.4', '3.3.5',
  '7.1.1', '7.1.2', '7.1.3', '7.2.1', '7.2.2', '7.2.3', '7.2.4', '7.3.1', '7.3.2',
  '7.4.1', '7.4.2', '7.4.3', '7.4.4', '7.4.5', '7.5.1', '7.5.2', '7.5.3', '7.6.1', '7.6.2',
]

const sections = readText('docs/security.md').split(/^#{2,3} /m).slice(1)
  .map(section => ({ number: /^(\d\S+) \(L[1-3]\): /.exec(section)?.[1], text: section }))
  .filter(({ number }) => number !== undefined)
const proofs = sections.flatMap(({ number, text }) =>
  [...text.matchAll(/^ {2}- `(\S+)`: (.+)$/gm)].map(([, file, name]) => ({ number, file: file!, name: name! })))

it('has every requirement once, in order', () => {
  expect(sections.map(({ number }) => number)).toEqual(REQUIREMENTS)
})

it.each(sections)('names the duties and the tests: $number', ({ number, text }) => {
  expect(text).toMatch(/\n- \*\*The module\*\* .+\n- \*\*The app\*\* .+\n- \*\*Shown by\*\*(?: nothing)?\n/)
  expect(proofs.some(proof => proof.number === number)).toBe(!text.includes('**Shown by** nothing'))
})

it.each(proofs)('names an existing test: $number, $file: $name', ({ file, name }) => {
  expect(existsSync(join(ROOT, file)), file).toBe(true)
  // As a title of a test, in any kind of quotes.
  const source = readFileSync(join(ROOT, file), 'utf8').replaceAll('\\\'', '\'')
  const titles = [...source.matchAll(/(?:\bit|\btest)(?:\.each(?:<.*?>)?\(.*?\))?\(\s*'(.*?)', /gs)].map(match => match[1])
  expect(titles).toContain(name)
})

describe('the table', () => {
  const rows = [...readText('docs/security.md').matchAll(/^\| (\d\S+) \| [^|]+ \| ([^|]+) \|/gm)].map(([, number, by]) => ({ number: number!, by: by! }))
  const asked = [...readText('test/docs/asvs.test.ts').matchAll(/\bit\('([^:]+):/g)].flatMap(([, numbers]) => numbers!.split(' and '))

  it('has every requirement once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(REQUIREMENTS)
  })

  it.each(rows)('has a test for each line that is met: $number, by $by', ({ number, by }) => {
    expect(['the preset', 'a call', 'yours']).toContain(by)
    if (by !== 'yours') expect(asked).toContain(number)
  })
})
