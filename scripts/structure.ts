/**
 * Counts the structure of `src/`: rooms, floors, import circles, lines, and the files whose functions run when a request
 * reads or writes a session; with `--files` their names. `npm run structure`
 */
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import type { ICruiseResult } from 'dependency-cruiser'
import { H3 } from 'h3-next'
import type { H3Event } from 'h3-next'
import memoryDriver from 'unstorage/drivers/memory'

const ROOT = new URL('..', import.meta.url)
const CORE = /^src\/runtime\/core\/([^/]+)\//
const PASSWORD = 'test-only-password-of-the-structure-count'

type Modules = ICruiseResult['modules']

async function modulesOf(): Promise<Modules> {
  process.chdir(fileURLToPath(ROOT))
  const { output } = await cruise(['src'], { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } })
  return (output as ICruiseResult).modules.filter(({ source }) => source.startsWith('src/'))
}

/** The rooms of core, each with the rooms that it imports from. */
function roomsOf(modules: Modules): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>()
  for (const { source, dependencies } of modules) {
    const room = CORE.exec(source)?.[1]
    if (room === undefined) continue
    const imported = rooms.get(room) ?? new Set()
    rooms.set(room, imported)
    for (const { resolved } of dependencies) {
      const other = CORE.exec(resolved)?.[1]
      if (other !== undefined && other !== room) imported.add(other)
    }
  }
  return rooms
}

function floorOf(room: string, rooms: Map<string, Set<string>>): number {
  return 1 + Math.max(0, ...Array.from(rooms.get(room) ?? [], below => floorOf(below, rooms)))
}

function linesOf(modules: Modules): number {
  return modules.reduce((lines, { source }) => lines + readFileSync(new URL(source, ROOT), 'utf8').split('\n').length - 1, 0)
}

/** The files of `src/` with a function that runs during `run`. */
async function filesEntered(inspector: Session, run: () => Promise<unknown>): Promise<string[]> {
  await inspector.post('Profiler.takePreciseCoverage')
  await run()
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  const ran = result.filter(({ url, functions }) =>
    url.startsWith(new URL('src/', ROOT).href) && functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0]!.count > 0))
  return ran.map(({ url }) => url.slice(ROOT.href.length))
}

async function entered(): Promise<Record<string, string[]>> {
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier.startsWith('.') && context.parentURL?.startsWith(new URL('src/', ROOT).href) ? `${specifier}.ts` : specifier, context),
  })
  const { sessions, useSession } = await import('../src/runtime/h3-app.ts' as string) as typeof import('../src/runtime/h3-app')
  const inspector = new Session()
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  const files: Record<string, string[]> = {}
  for (const [name, options] of [['cookie', {}], ['stored', { storage: memoryDriver() }]] as const) {
    const app = new H3({ silent: true }).register(sessions({ password: PASSWORD, ...options })).get('/', async (event: H3Event) => {
      files[`${name} read`] = await filesEntered(inspector, async () => (await useSession(event as never)).data)
      const session = await useSession(event as never)
      files[`${name} write`] = await filesEntered(inspector, () => session.update({ count: Math.random() }))
    })
    const { headers } = await app.request('/')
    // The first requests fill the caches. The last one is counted.
    const cookie = headers.getSetCookie().map(line => line.split(';', 1)[0]).join('; ')
    for (let request = 0; request < 3; request++) await app.request('/', { headers: { cookie } })
  }
  inspector.disconnect()
  return files
}

const modules = await modulesOf()
const rooms = roomsOf(modules)
const paths = await entered()
console.log(JSON.stringify({
  'files': modules.length,
  'lines': linesOf(modules),
  'circles': modules.filter(({ dependencies }) => dependencies.some(({ circular }) => circular)).map(({ source }) => source),
  'rooms': Object.fromEntries(Array.from(rooms, ([room, imported]) => [room, [...imported].toSorted()])),
  'arrows': Array.from(rooms.values(), imported => imported.size).reduce((sum, size) => sum + size, 0),
  'floors': Math.max(...Array.from(rooms.keys(), room => floorOf(room, rooms))),
  'files entered': process.argv.includes('--files') ? paths : Object.fromEntries(Object.entries(paths).map(([path, files]) => [path, files.length])),
}, undefined, 2))
