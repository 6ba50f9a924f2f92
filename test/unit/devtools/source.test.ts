import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { CompiledModule } from '../../../src/devtools/compiled-modules'
import { createSourceFinder, sourcesOf } from '../../../src/devtools/source'

const dir = mkdtempSync(join(tmpdir(), 'h3-session-source-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('createSourceFinder', () => {
  it('finds the handler\'s file and line, relative to the project', () => {
    expect(find('server/api/cart.ts')).toEqual(['server/api/cart.ts:3'])
    expect(find(pathToFileURL(join(dir, 'server/api/cart.ts')).href)).toEqual(['server/api/cart.ts:3'])
  })

  it('finds the first three places of the project, without those of packages and without repetitions', () => {
    const built = build(['node_modules/nuxt-h3-session/session.js', 'server/utils/cart.ts', 'server/api/cart.ts', 'server/middleware/a.ts', 'server/plugins/b.ts'])
    const frames = [0, 1, 1, 2, 3, 4].map(line => `    at async x (${built}:${line + 1}:1)`)
    expect(createSourceFinder(dir)(['Error: trace', ...frames].join('\n'))).toEqual(['server/utils/cart.ts:1', 'server/api/cart.ts:1', 'server/middleware/a.ts:1'])
  })

  it.each(['../outside.ts', 'node_modules/h3/index.mjs', '/etc/passwd', '#nitro/virtual/app'])('finds nothing for the source %s', (source) => {
    expect(find(source)).toEqual([])
  })

  it.each(['', 'at handler (native)', 'at x (file:///nowhere/index.mjs:1:1)', 'at x (node:internal:1:1)', 'at x (http://evil.test/a.mjs:1:1)'])(
    'finds nothing for the frame %s', (frame) => {
      expect(createSourceFinder(dir)(frame)).toEqual([])
    })

  it('finds the file and line of a frame that Vite has mapped to its source', () => {
    const frameOf = (path: string) => `at Object.handler (${join(dir, path)}:7:3)`
    expect(createSourceFinder(dir)(['server/api/with space.ts', '.nuxt/dev/index.mjs', 'node_modules/h3/index.mjs', '../outside.ts'].map(frameOf).join('\n'))).toEqual(['server/api/with space.ts:7'])
    expect(createSourceFinder(dir)(`at ${join(dir, 'server/a.ts')}:1:41\nat async ${join(dir, 'server/b.ts')}:2:5`)).toEqual(['server/a.ts:1', 'server/b.ts:2'])
  })

  it('finds the line of a file that Vite has compiled, by the source map of the module', () => {
    writeFileSync(join(dir, 'page.vue'), '1\n2\n3\n4\n5')
    const map = { version: 3, sources: ['page.vue'], names: [], mappings: ';;;;AAEA' }
    const findIn = (module: CompiledModule | undefined, line: number, column = 1) => createSourceFinder(dir, file => file === join(dir, 'page.vue') ? module : undefined)(`at setup (${join(dir, 'page.vue')}:${line}:${column})`)
    expect(findIn({ map }, 5)).toEqual(['page.vue:3'])
    expect(findIn({ map: { ...map, mappings: ';;;;AAEA,C;' } }, 5, 2), 'what the compiler has added to it').toEqual(['page.vue:3'])
    expect(findIn({ map: { ...map, mappings: 'AAEA;;;;A;' } }, 5), 'a line that the compiler has added').toEqual(['page.vue'])
    expect(findIn({ map }, 1), 'a line of no source').toEqual(['page.vue'])
    expect(findIn({ map: null }, 5), 'a module without a map').toEqual(['page.vue'])
    expect(findIn(undefined, 5), 'a file that was not compiled').toEqual(['page.vue:5'])
    expect(findIn(undefined, 18), 'a line beyond the end').toEqual(['page.vue'])
  })

  it('maps a stack again after its module was compiled again', () => {
    let module: CompiledModule = { map: { version: 3, sources: ['page.vue'], names: [], mappings: 'AAAA' } }
    const finder = createSourceFinder(dir, () => module)
    const stack = `at setup (${join(dir, 'page.vue')}:1:1)`
    expect(finder(stack)).toEqual(['page.vue:1'])
    module = { map: { version: 3, sources: ['page.vue'], names: [], mappings: 'AACA' } }
    expect(finder(stack)).toEqual(['page.vue:2'])
  })

  it('reads the source map again after the server was rebuilt', () => {
    const finder = createSourceFinder(dir)
    expect(find('server/a.ts', finder)).toEqual(['server/a.ts:3'])
    expect(find('server/b.ts', finder, 5)).toEqual(['server/b.ts:3'])
  })
})

it('takes the sources of the last call if the stack of a write leads to nothing of the project', () => {
  const finder = createSourceFinder(dir)
  const [own, foreign, caller] = ['server/a.ts', 'node_modules/h3/index.mjs', 'server/b.ts'].map(path => `at x (${join(dir, path)}:1:1)`)
  expect(sourcesOf({ stack: own, caller }, finder)).toEqual(['server/a.ts:1'])
  expect(sourcesOf({ stack: foreign, caller }, finder)).toEqual(['server/b.ts:1'])
  expect(sourcesOf({ stack: foreign }, finder)).toEqual([])
})

/** Finds the source of a built file whose first character is from line 3 of the source. */
function find(source: string, finder = createSourceFinder(dir), modified = 1): string[] {
  const built = join(dir, 'index.mjs')
  writeFileSync(`${built}.map`, JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAEA' }))
  utimesSync(`${built}.map`, modified, modified)
  return finder(`at handler (${pathToFileURL(built).href}:1:1)`)
}

/** A built file with a line for each source. Returns its URL. */
function build(sources: string[]): string {
  const built = join(dir, 'several.mjs')
  writeFileSync(`${built}.map`, JSON.stringify({ version: 3, sources, names: [], mappings: sources.map((_, index) => index === 0 ? 'AAAA' : 'ACAA').join(';') }))
  return pathToFileURL(built).href
}
