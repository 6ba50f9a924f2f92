import { readFileSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'

const CORE = new URL('../../src/runtime/core/', import.meta.url)
const PACKAGES = new Set(['iron-webcrypto', 'cookie-es'])
const files = readdirSync(CORE, { recursive: true }).map(String).filter(name => name.endsWith('.ts'))

/** The imports of a file: static, dynamic, by re-export or by type. */
function importsOf(source: string): string[] {
  return [...source.matchAll(/\b(?:from|import|require)[\s(]*['"]([^'"]+)['"]/g)].map(match => match[1] ?? '')
}

it('importsOf finds every kind of import', () => {
  const source = 'import a from "a"\nimport type { B } from \'b\'\nimport \'c\'\nexport * from "d"\nawait import("e")\nrequire(\'f\')\nlet g: import("g").G'
  expect(importsOf(source)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
})

it.each(files)('core/%s imports only core, iron-webcrypto and cookie-es', (name) => {
  const file = new URL(name, CORE)
  const isOfCore = (path: string) => path.startsWith('.') && new URL(path, file).href.startsWith(CORE.href)
  expect(importsOf(readFileSync(file, 'utf8')).filter(path => !isOfCore(path) && !PACKAGES.has(path))).toEqual([])
})

it.each(files)('core/%s reads no globals of a runtime', (name) => {
  const source = readFileSync(new URL(name, CORE), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
  expect(source.match(/\b(?:process|Buffer|window|document|Deno|Bun)(?=[.[(])/g)).toBeNull()
})
