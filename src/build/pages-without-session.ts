import { addVitePlugin, useLogger } from '@nuxt/kit'
import type { Nuxt, NuxtPage } from '@nuxt/schema'
import type { NitroRouteRules } from 'nitropack/types'
import { createRouter, toRouteMatcher } from 'radix3'
import type { Plugin } from 'vite'
import { runtimePath } from './runtime-path'
import { defaultNameOf } from '../runtime/core/config/resolve'
import type { SessionRuntimeConfig } from '../runtime/core/model/types'

const COMPOSABLE = 'app/composables/use-client-session'

/** The part of a cache rule of Nitro 2 or 3 that is used here. */
interface CacheRule { varies?: readonly string[], allowCookies?: readonly string[] }

/** The part of a bundle's module graph that is used here. */
interface ModuleGraph {
  getModuleIds: () => Iterable<string>
  getModuleInfo: (id: string) => { importers: readonly string[], dynamicImporters: readonly string[] } | null
}

/**
 * Lists, at the end of a build, the pages that use `useClientSession` but are cached, prerendered or not rendered on
 * the server. The session is empty there until the browser has loaded it.
 */
export function reportPagesWithoutSession(nuxt: Nuxt): void {
  if (nuxt.options.dev || nuxt.options._prepare) return
  let pages: PageFile[] = []
  let users: Set<string> | undefined
  nuxt.hook('pages:resolved', (resolved) => {
    pages = pageFiles(resolved)
  })
  addVitePlugin(watchUsers(found => users = found), { client: false })
  nuxt.hook('nitro:init', (nitro) => {
    // For a build without a server, there is another warning.
    if (nitro.options.static) return
    nitro.hooks.hook('compiled', () => {
      const rulesOf = rulesBy(nitro.options.routeRules)
      const using = pages.filter(page => !users || users.has(page.file) || isUsedEverywhere(users, nuxt))
      const lines = using.flatMap(({ path }) => {
        const kind = kindOf(rulesOf(path), nuxt.options.ssr, sessionName(nuxt))
        return kind ? [`  ${path} (${kind})`] : []
      })
      if (lines.length > 0)
        useLogger('nuxt-h3-session').info(`useClientSession() is empty while these pages are rendered, because their HTML is the same for all visitors. The browser loads the session after hydration:\n${lines.join('\n')}`)
    })
  })
}

interface PageFile { path: string, file: string }

function pageFiles(pages: NuxtPage[], parent = ''): PageFile[] {
  return pages.flatMap((page) => {
    const path = page.path.startsWith('/') ? page.path : `${parent.replace(/\/$/, '')}/${page.path}`
    const own = page.file ? [{ path, file: page.file }] : []
    return [...own, ...pageFiles(page.children ?? [], path)]
  })
}

/** Finds all modules that import the composable directly or indirectly. */
function watchUsers(onFound: (users: Set<string>) => void): Plugin {
  return {
    name: 'nuxt-h3-session:pages-without-session',
    apply: 'build',
    buildEnd() {
      onFound(importersOf(this))
    },
  }
}

function importersOf(graph: ModuleGraph): Set<string> {
  const queue = [...graph.getModuleIds()].filter(id => fileOf(id).startsWith(runtimePath(COMPOSABLE)))
  const found = new Set(queue)
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const info = graph.getModuleInfo(id)
    const importers = [...info?.importers ?? [], ...info?.dynamicImporters ?? []].filter(importer => !found.has(importer))
    for (const importer of importers) found.add(importer)
    queue.push(...importers)
  }
  // A component consists of several modules, which differ by their query.
  return new Set([...found].map(fileOf))
}

/** A layout, or the app itself, is part of every page. */
function isUsedEverywhere(users: Set<string>, { apps: { default: app } }: Nuxt): boolean {
  const around = [app?.mainComponent, ...Object.values(app?.layouts ?? {}).map(layout => layout.file)]
  return around.some(file => file && users.has(file))
}

function rulesBy(rules: Record<string, NitroRouteRules>): (path: string) => NitroRouteRules {
  const matcher = toRouteMatcher(createRouter({ routes: rules }))
  return path => Object.assign({}, ...matcher.matchAll(path.replaceAll(/:[^/]+/g, '_')))
}

function sessionName({ options }: Nuxt): string {
  return defaultNameOf(options.runtimeConfig.session as unknown as SessionRuntimeConfig | undefined)
}

function kindOf({ ssr, prerender, isr, cache }: NitroRouteRules, isRendered: boolean, name: string): string | undefined {
  if (prerender) return 'prerendered'
  if (isr) return 'isr'
  if (cache && !variesByVisitor(cache, name)) return 'cached'
  return ssr === false || !isRendered ? 'not rendered on the server' : undefined
}

/** Nitro 2 varies a cached page by headers, Nitro 3 also by names of cookies. */
function variesByVisitor({ varies = [], allowCookies = [] }: CacheRule, name: string): boolean {
  return allowCookies.length > 0 ? allowCookies.includes(name) : varies.some(header => String(header).toLowerCase() === 'cookie')
}

function fileOf(id: string): string {
  return id.split('?', 1)[0]!
}
