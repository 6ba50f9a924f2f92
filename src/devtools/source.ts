import { existsSync, readFileSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Z]:).+?):(\d+):(\d+)\)?$/
/** Packages, folders such as .nuxt, and modules without a file. */
const NOT_OF_PROJECT = /(?:^|\/)(?:node_modules|[.#][^/]*)\//

const MAX_SOURCES = 3

/** Creates a function that maps stack frames to the first files and lines of the project. Vite's frames are of sources. */
export function createSourceFinder(rootDir: string): (frames: string[] | undefined) => string[] {
  const maps = new Map<string, { time: number, map: SourceMap }>()

  function mapOf(file: string): SourceMap {
    const time = statSync(`${file}.map`).mtimeMs
    const cached = maps.get(file)
    if (cached?.time === time) return cached.map
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
    maps.set(file, { time, map })
    return map
  }

  function find(frame: string): string | undefined {
    const [, place, line, column] = FRAME.exec(frame) ?? []
    if (!place) return undefined
    try {
      const file = place.startsWith('file:') ? fileURLToPath(place) : place
      const source = existsSync(`${file}.map`) ? originOf(file, Number(line), Number(column)) : { file, line: Number(line) }
      const path = source && relative(rootDir, source.file)
      return path === undefined || isAbsolute(path) || NOT_OF_PROJECT.test(path) ? undefined : `${path}:${source!.line}`
    }
    catch {
      // The server has been rebuilt since.
      return undefined
    }
  }

  function originOf(built: string, line: number, column: number): { file: string, line: number } | undefined {
    const entry = mapOf(built).findEntry(line - 1, column - 1)
    if (!('originalSource' in entry)) return undefined
    const { originalSource, originalLine } = entry
    return { file: originalSource.startsWith('file:') ? fileURLToPath(originalSource) : resolve(built, '..', originalSource), line: originalLine + 1 }
  }

  return (frames = []) => {
    const sources = new Set<string>()
    for (const frame of frames) {
      const source = sources.size < MAX_SOURCES && find(frame)
      if (source) sources.add(source)
    }
    return [...sources]
  }
}
