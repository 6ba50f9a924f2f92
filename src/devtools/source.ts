import { readFileSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { SourceMapping, SourceMapPayload } from 'node:module'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { CompiledModule, FindCompiled } from './compiled-modules'

const FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Z]:).+?):(\d+):(\d+)\)?$/
/** Packages, folders such as .nuxt, and modules without a file. */
const NOT_OF_PROJECT = /(?:^|\/)(?:node_modules|[.#][^/]*)\//

const MAX_SOURCES = 3
/** Each place that calls has one or a few. */
const MAX_STACKS = 500

/**
 * Changes with the source map of a file: when it was written, or the module that Vite has compiled. `undefined` if the
 * file has none, so that its frames are of sources.
 */
type Version = number | CompiledModule | undefined

/** The sources of a stack, and the versions of its files. */
interface Found { sources: string[], versions: Map<string, Version> }

/** A place in a file. No line if it is not known. */
interface Place { file: string, line?: number }

/** Creates a function that maps a stack to the first files and lines of the project. A line that is not known is left out. */
export function createSourceFinder(rootDir: string, findCompiled: FindCompiled = () => undefined): (stack: string | undefined) => string[] {
  const maps = new Map<string, { version: Version, map: SourceMap }>()
  // A place of the app calls again and again, and each frame costs several calls of the file system.
  const found = new Map<string, Found>()

  /** A built file has its source map beside it. */
  const versionOf = (file: string): Version => statSync(`${file}.map`, { throwIfNoEntry: false })?.mtimeMs ?? findCompiled(file)

  function mapOf(file: string, version: number | CompiledModule): SourceMap {
    const cached = maps.get(file)
    if (cached?.version === version) return cached.map
    const map = new SourceMap((typeof version === 'number' ? JSON.parse(readFileSync(`${file}.map`, 'utf8')) : version.map) as SourceMapPayload)
    maps.set(file, { version, map })
    return map
  }

  function find(frame: string, versions: Found['versions']): string | undefined {
    const [, place, line, column] = FRAME.exec(frame) ?? []
    if (!place) return undefined
    try {
      const file = place.startsWith('file:') ? fileURLToPath(place) : place
      const version = versionOf(file)
      versions.set(file, version)
      const source = version === undefined ? { file, line: Number(line) } : originOf(file, version, Number(line), Number(column))
      const path = source && relative(rootDir, source.file)
      return path === undefined || isAbsolute(path) || NOT_OF_PROJECT.test(path) ? undefined : textOf(path, source!)
    }
    catch {
      // The server has been rebuilt since.
      return undefined
    }
  }

  function originOf(built: string, version: number | CompiledModule, line: number, column: number): Place | undefined {
    // A compiled module has the name of its source.
    const unknown = typeof version === 'number' ? undefined : { file: built }
    if (typeof version === 'object' && !version.map) return unknown
    const origin = mappingBefore(mapOf(built, version), line - 1, column - 1)
    if (!origin) return unknown
    const { originalSource, originalLine } = origin
    return { file: originalSource.startsWith('file:') ? fileURLToPath(originalSource) : resolve(built, '..', originalSource), line: originalLine + 1 }
  }

  function search(stack: string): Found {
    const [sources, versions] = [new Set<string>(), new Map<string, Version>()]
    for (const frame of stack.split('\n')) {
      const source = sources.size < MAX_SOURCES && find(frame.trim(), versions)
      if (source) sources.add(source)
    }
    return { sources: [...sources], versions }
  }

  return (stack) => {
    if (stack === undefined) return []
    const known = found.get(stack)
    if (known && [...known.versions].every(([file, version]) => versionOf(file) === version)) return known.sources
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

/** The last mapping to a source before a column, in its line. What a compiler adds, such as around `await`, has no source. */
function mappingBefore(map: SourceMap, line: number, column: number): SourceMapping | undefined {
  let entry = map.findEntry(line, column)
  while ('generatedLine' in entry && entry.generatedLine === line) {
    if (entry.originalSource) return entry
    if (entry.generatedColumn === 0) return undefined
    entry = map.findEntry(line, entry.generatedColumn - 1)
  }
  return undefined
}

/** A path with its line, if the file has that many. A file that cannot be read may be of another name. */
function textOf(path: string, { file, line }: Place): string {
  return line === undefined || line > linesOf(file) ? path : `${path}:${line}`
}

function linesOf(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length
  }
  catch {
    return Infinity
  }
}
