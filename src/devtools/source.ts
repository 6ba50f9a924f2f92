import { readFileSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const FRAME = /(file:\/\/\S+?):(\d+):(\d+)\)?$/

const MAX_SOURCES = 3

/** Creates a function that maps stack frames of the built server to the first files and lines of the project. */
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
    const [, url, line, column] = FRAME.exec(frame) ?? []
    if (!url) return undefined
    try {
      const built = fileURLToPath(url)
      const entry = mapOf(built).findEntry(Number(line) - 1, Number(column) - 1)
      if (!('originalSource' in entry)) return undefined
      const original = entry.originalSource.startsWith('file:') ? fileURLToPath(entry.originalSource) : resolve(built, '..', entry.originalSource)
      const path = relative(rootDir, original)
      return path.startsWith('..') || isAbsolute(path) || path.includes('node_modules') ? undefined : `${path}:${entry.originalLine + 1}`
    }
    catch {
      // The server has been rebuilt since, or has no source map.
      return undefined
    }
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
