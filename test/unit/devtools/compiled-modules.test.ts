import { expect, it } from 'vitest'
import { CompiledModules } from '../../../src/devtools/compiled-modules'

const FILE = '/app/pages/other.vue'

it('finds the newest module of a file that Vite has compiled, not that of a part of it', () => {
  const modules = new CompiledModules(false)
  expect(modules.find(FILE)).toBeUndefined()
  modules.add(serverWith([`${FILE}?vue&type=style`, 'style'], [FILE, 'first']))
  expect(modules.find(FILE)).toEqual({ map: { file: 'first' } })
  modules.add(serverWith([FILE, undefined]))
  expect(modules.find(FILE), 'one that is not compiled yet').toEqual({ map: { file: 'first' } })
  modules.add(serverWith([FILE, 'second']))
  expect(modules.find(FILE)).toEqual({ map: { file: 'second' } })
})

it('gives no source map of a module that runs inside a function', () => {
  const modules = new CompiledModules(true)
  modules.add(serverWith([FILE, 'first']))
  expect(modules.find(FILE)).toEqual({ map: null })
})

/** A server of Vite with modules, each with its id and the name in its source map. */
function serverWith(...modules: [id: string, map: string | undefined][]) {
  const graph = { getModulesByFile: () => new Set(modules.map(([id, file]) => ({ id, transformResult: file === undefined ? null : { map: { file } } }))) }
  return { environments: { ssr: { moduleGraph: graph } } } as unknown as Parameters<CompiledModules['add']>[0]
}
