import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const RUNTIME = new URL('../../src/runtime/', import.meta.url)

/** The allowed imports of core, and of other code without a framework. */
const CORE = ['iron-webcrypto']
const FREE = [...CORE, 'ohash/crypto']
/** Also reads the request's cookies. */
const ADAPTER = ['cookie-es', ...FREE]

const compiled = new Map<string, string>()

/** A file as in the package: transpiled separately, without types. */
function compile({ href }: URL): string {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true }
  const code = compiled.get(href) ?? ts.transpileModule(readFileSync(new URL(href), 'utf8'), { compilerOptions: options }).outputText
  compiled.set(href, code)
  return code
}

function importsOf(code: string): string[] {
  return [...code.matchAll(/\b(?:from|import)\s*(?:\(\s*)?['"]([^'"]+)['"]/g)].map(match => match[1]!)
}

/** All files that an entry imports, directly or not, and the packages that they import. */
function reach(entry: string): { files: string[], packages: string[] } {
  const packages = new Set<string>()
  const files = new Set<string>([new URL(`${entry}.ts`, RUNTIME).href])
  for (const href of files) {
    for (const name of importsOf(compile(new URL(href)))) {
      if (name.startsWith('.')) files.add(fileOf(name, href))
      else packages.add(name)
    }
  }
  return { files: Array.from(files, href => href.slice(RUNTIME.href.length)).toSorted(), packages: [...packages].toSorted() }
}

function fileOf(name: string, importer: string): string {
  const found = [`${name}.ts`, `${name}/index.ts`].map(path => new URL(path, importer)).find(url => existsSync(fileURLToPath(url)))
  if (!found) throw new Error(`${importer} imports ${name}, which is not there.`)
  return found.href
}

const packagesBelow = (entry: string, folder: string) =>
  new Set(reach(entry).files.filter(file => file.startsWith(folder)).flatMap(file => importsOf(compile(new URL(file, RUNTIME)))).filter(name => !name.startsWith('.')))

describe('what an entry of the runtime imports', { timeout: 60_000 }, () => {
  it.each<[entry: string, packages: string[]]>([
    ['session', FREE],
    ['nitro-v2', [...ADAPTER, 'h3', 'nitropack/runtime', 'scule']],
    ['nitro-v2-cached-handlers', [...ADAPTER, 'h3', 'nitropack/runtime/internal/cache']],
    ['nitro-v3', [...ADAPTER, 'nitro/runtime-config', 'nitro/storage']],
    ['nitro-v3-cached-handlers', [...FREE, 'nitro/cache', 'nitro/h3']],
    ['h3-app', ADAPTER],
    ['db0', []],
    ['nitro-v2-devtools', [...ADAPTER, 'nitropack/runtime']],
    ['nitro-v3-devtools', ADAPTER],
  ])('%s: nothing but %j', (entry, packages) => {
    expect(reach(entry).packages).toEqual(packages.toSorted())
  })

  it.each(['nitro-v3', 'h3-app', 'session'])('%s reaches no file of Nitro 2 or h3 1', (entry) => {
    expect(reach(entry).files.filter(file => /\/(?:nitro-v2|h3-v1)\//.test(file))).toEqual([])
  })

  it.each(['nitro-v2', 'nitro-v2-cached-handlers'])('%s reaches no file of Nitro 3 or h3 2', (entry) => {
    expect(reach(entry).files.filter(file => /\/(?:nitro-v3|h3-v2)\//.test(file))).toEqual([])
  })

  it('the test helpers reach the store, but not what a server does in the background', () => {
    const { files } = reach('../testing')
    expect(files).toContain('core/store/create-store.ts')
    expect(files.filter(file => /^server\/(?:stores|sweep|environment)\.ts$/.test(file))).toEqual([])
  })

  it('core: its one library', () => {
    expect([...packagesBelow('session', 'core/')].toSorted()).toEqual(CORE)
  })

  it('is found whatever the way of importing', () => {
    const code = 'import a from "a"\nimport \'b\'\nexport * from "c"\nawait import("d")\nexport { e } from \'e\''
    expect(importsOf(code)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})
