import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createSourceFinder } from '../../../src/devtools/source'

const dir = mkdtempSync(join(tmpdir(), 'h3-session-source-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('createSourceFinder', () => {
  it('finds the handler\'s file and line, relative to the project', () => {
    expect(find('server/api/cart.ts')).toBe('server/api/cart.ts:3')
    expect(find(pathToFileURL(join(dir, 'server/api/cart.ts')).href)).toBe('server/api/cart.ts:3')
  })

  it.each(['../outside.ts', 'node_modules/h3/index.mjs', '/etc/passwd'])('finds nothing for the source %s', (source) => {
    expect(find(source)).toBeUndefined()
  })

  it.each([undefined, '', 'at handler (native)', 'at x (file:///nowhere/index.mjs:1:1)', 'at x (node:internal:1:1)', 'at x (http://evil.test/a.mjs:1:1)'])(
    'finds nothing for the frame %s', (frame) => {
      expect(createSourceFinder(dir)(frame)).toBeUndefined()
    })

  it('reads the source map again after the server was rebuilt', () => {
    const finder = createSourceFinder(dir)
    expect(find('server/a.ts', finder)).toBe('server/a.ts:3')
    expect(find('server/b.ts', finder, 5)).toBe('server/b.ts:3')
  })
})

/** Finds the source of a built file whose first character is from line 3 of the source. */
function find(source: string, finder = createSourceFinder(dir), modified = 1): string | undefined {
  const built = join(dir, 'index.mjs')
  writeFileSync(`${built}.map`, JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAEA' }))
  utimesSync(`${built}.map`, modified, modified)
  return finder(`at handler (${pathToFileURL(built).href}:1:1)`)
}
