import { readFileSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ObservedMessage } from '../runtime/server/devtools/messages'

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Z]:).+?):(\d+):(\d+)\)?$/
/** Packages, folders such as .nuxt, and modules without a file. */
const NOT_OF_PROJECT = /(?:^|\/)(?:node_modules|[.#][^/]*)\//

const MAX_SOURCES = 3
/** Each place that calls has one or a few. */
const MAX_STACKS = 500

/** The sources of a stack, and when the source maps of its files were written. */
interface Found { sources: string[], times: Map<string, number | undefined> }

/** Creates a function that maps a stack to the first files and lines of the project. Vite's frames are of sources. */
export function createSourceFinder(rootDir: string): (stack: string | undefined) => string[] {
  const maps = new Map<string, { time: number, map: SourceMap }>()
  // A place of the app calls again and again, and each frame costs several calls of the file system.
  const found = new Map<string, Found>()

  function mapOf(file: string, time: number): SourceMap {
    const cached = maps.get(file)
    if (cached?.time === time) return cached.map
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
    maps.set(file, { time, map })
    return map
  }

  function find(frame: string, times: Found['times']): string | undefined {
    const [, place, line, column] = FRAME.exec(frame) ?? []
    if (!place) return undefined
    try {
      const file = place.startsWith('file:') ? fileURLToPath(place) : place
      const time = timeOf(file)
      times.set(file, time)
      const source = time === undefined ? { file, line: Number(line) } : originOf(file, time, Number(line), Number(column))
      const path = source && relative(rootDir, source.file)
      return path === undefined || isAbsolute(path) || NOT_OF_PROJECT.test(path) ? undefined : `${path}:${source!.line}`
    }
    catch {
      // The server has been rebuilt since.
      return undefined
    }
  }

  function originOf(built: string, time: number, line: number, column: number): { file: string, line: number } | undefined {
    const entry = mapOf(built, time).findEntry(line - 1, column - 1)
    if (!('originalSource' in entry)) return undefined
    const { originalSource, originalLine } = entry
    return { file: originalSource.startsWith('file:') ? fileURLToPath(originalSource) : resolve(built, '..', originalSource), line: originalLine + 1 }
  }

  function search(stack: string): Found {
    const [sources, times] = [new Set<string>(), new Map<string, number | undefined>()]
    for (const frame of stack.split('\n')) {
      const source = sources.size < MAX_SOURCES && find(frame.trim(), times)
      if (source) sources.add(source)
    }
    return { sources: [...sources], times }
  }

  return (stack) => {
    if (stack === undefined) return []
    const known = found.get(stack)
    if (known && [...known.times].every(([file, time]) => timeOf(file) === time)) return known.sources
    const fresh = search(stack)
    if (found.size >= MAX_STACKS) found.clear()
    found.set(stack, fresh)
    return fresh.sources
  }
}

/** The sources of the call that a message is about. */
export function sourcesOf({ stack, caller }: Pick<ObservedMessage, 'stack' | 'caller'>, find: (stack: string | undefined) => string[]): string[] {
  const sources = find(stack)
  return sources.length > 0 ? sources : find(caller)
}

/** When a built file's source map was written, or `undefined` if it has none. */
function timeOf(file: string): number | undefined {
  return statSync(`${file}.map`, { throwIfNoEntry: false })?.mtimeMs
}
