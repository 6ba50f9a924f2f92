import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildWeighedApp } from '../../bench/weight/apps'
import { weigh } from '../../bench/weight/bytes'
import type { Bytes } from '../../bench/weight/bytes'

const OF_BOUND_SESSIONS = /core\/(?:session\/)?device\/|server\/device-answer/

/** What an app with cookie sessions alone does not load: stores, bound sessions, pages, cached routes, logins, options of calls, reports at the start, hooks, iron. */
const NOT_LOADED = new RegExp([
  'core/store/', 'persistence/store', OF_BOUND_SESSIONS.source, 'server/(?:stores|store-environment|node-files|sweep|page-session|client-answer|release-entry|sharing|startup-report|foreign-origin|utils/administration)',
  'persistence/(?:ended-sessions|unsend)', 'adapters/shared/(?:origin|watch-guard)', 'cached-routes/(?:check|describe|other-visitor|entry-owner|filled-entry)', 'nitro-v2/(?:handler-cache|handler-runs)', 'nitro-v2-owned-handlers',
  'core/session/(?:unsaved|development|administration|regeneration|flash|cookie-budget|hook-scope)', 'core/model/serializable', 'core/seal/(?:key-derivation|web-codec|reference)',
  'core/config/(?:variables|preset-description|option-keys)', 'iron-webcrypto/',
].join('|'))

let bare: Bytes

beforeAll(async () => {
  bare = await weigh(await buildWeighedApp('bare'))
})

describe('gzipped bytes that the module adds to a new app with cookie sessions', () => {
  it('are those of cookie sessions on the server, and none in the browser', async () => {
    const { serverLoaded, clientLoaded, loaded } = await weigh(await buildWeighedApp('ours'))
    expect(serverLoaded - bare.serverLoaded).toBeLessThan(35_000)
    // The names of files contain a hash of their content.
    expect(clientLoaded - bare.clientLoaded).toBeLessThan(64)
    expect(sourcesOf(loaded).filter(source => NOT_LOADED.test(source))).toEqual([])
    // Would fail if the build wrote no source maps, or other paths.
    expect(sourcesOf(loaded)).toContainEqual(expect.stringMatching(/\/core\/session\/open\.ts$/))
  }, 240_000)

  it('are little more if a page shows the session', async () => {
    const { serverLoaded, clientLoaded, loaded } = await weigh(await buildWeighedApp('ours-shown'))
    expect(serverLoaded - bare.serverLoaded).toBeLessThan(42_000)
    expect(clientLoaded - bare.clientLoaded).toBeLessThan(1_280)
    expect(sourcesOf(loaded).filter(source => /core\/session\/(?:cached-routes\/(?:check|describe)|hook-scope)/.test(source))).toEqual([])
  }, 240_000)
})

/** The sources of built files, by their source maps. */
function sourcesOf(files: string[]): string[] {
  const maps = files.map(file => `${file}.map`).filter(file => existsSync(file))
  return maps.flatMap(map => (JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] }).sources)
}
