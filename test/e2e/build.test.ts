import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { BUILD_PASSWORD, buildApp } from './support/build'
import type { AppName } from './support/build'

const WARNING = /session password in the configuration becomes part/i
const EMPTY = /useClientSession\(\) is empty while this page is rendered/g

/** The files of a build that contain a text: the server, its types and its manifests. */
async function filesWith(app: AppName, text: string): Promise<string[]> {
  const { outputDir } = await buildApp(app)
  const files = globSync('**/*', { cwd: outputDir, exclude: ['build.json'], withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  expect(files.length).toBeGreaterThan(20)
  const contents = await Promise.all(files.map(file => readFile(file, 'utf8')))
  return files.filter((_, index) => contents[index]!.includes(text))
}

describe('a password in the environment of the build', () => {
  it.each(['small', 'auth-first', 'auth-last'] as const)('is nowhere in what the build of %s writes', async (app) => {
    expect(await filesWith(app, BUILD_PASSWORD)).toEqual([])
    const { log } = await buildApp(app)
    expect(log).not.toContain(BUILD_PASSWORD)
    expect(log, 'nothing to warn of').not.toMatch(WARNING)
  })
})

describe('a password in nuxt.config', () => {
  it('becomes part of the built server, and the build warns of it without showing it', async () => {
    const password = 'test-only-password-of-the-cart-session-0000'
    expect(await filesWith('main', password)).not.toEqual([])
    const { log } = await buildApp('main')
    expect(log).toMatch(WARNING)
    expect(log).toContain('NUXT_SESSION_PASSWORD')
    expect(log).not.toContain(password)
  })
})

describe('a build without a server', () => {
  beforeAll(async () => {
    await buildApp('static')
    await buildApp('prerendered')
  })

  it('warns once that guards and useClientSession need one', async () => {
    const { log } = await buildApp('static')
    expect(log.match(/This build has no server/g)).toHaveLength(1)
    expect(log).toMatch(/WARN.*route middleware "session" and useClientSession\(\) need one/)
    expect(log).not.toMatch(EMPTY)
  })

  it('is not reported for a build with a server', async () => {
    const { log } = await buildApp('prerendered')
    expect(log).not.toContain('This build has no server')
  })
})

describe('useClientSession in a prerendered page', () => {
  it('warns once in the build, with the reason and the fix', async () => {
    const { log } = await buildApp('prerendered')
    expect(log.match(EMPTY)).toHaveLength(1)
    expect(log).toMatch(/because the page is prerendered and the same for all visitors\. The browser loads the session after hydration\. Show its content below <ClientOnly>, or wait for `?ready`?\./)
  })
})

it('a production build does not contain the development password', async () => {
  expect(await filesWith('small', 'one was generated')).toEqual([])
})
