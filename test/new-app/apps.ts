import { randomBytes } from 'node:crypto'
import { install, runScript, withServer } from './app.ts'
import type { App, AppKind, Step } from './app.ts'
import { Visitor } from './visitor.ts'

const PASSWORD = `test-only-${randomBytes(24).toString('hex')}`
const BUILT_SERVER = '.output/server/index.mjs'

const NUXT = 'nuxt/bin/nuxt.mjs'
const INSTALL: Step = { name: 'npm install', take: install }

function ofNuxt(visit: (url: string, app: App) => Promise<unknown>): Omit<AppKind, 'name' | 'folders'> {
  const serve = (app: App, ...command: string[]) => withServer(app, command, { NUXT_SESSION_PASSWORD: PASSWORD }, url => visit(url, app))
  return {
    // TypeScript comes with vue-tsc, in the newest version that it supports.
    packages: ['nuxt', 'vue', 'vue-router', 'vue-tsc'],
    versionsOf: ['nuxt', 'vite', 'nitropack', 'h3', 'vue', '@nuxt/kit', 'unctx', 'vue-tsc', 'typescript'],
    steps: [
      INSTALL,
      { name: 'nuxt build', after: INSTALL.name, take: app => runScript(app, NUXT, 'build') },
      { name: 'visits to the built server', after: 'nuxt build', take: app => serve(app, BUILT_SERVER) },
      { name: 'visits to nuxt dev', after: INSTALL.name, take: app => serve(app, `node_modules/${NUXT}`, 'dev') },
      { name: 'nuxt typecheck', after: INSTALL.name, take: app => runScript(app, NUXT, 'typecheck') },
    ],
  }
}

export const APPS: AppKind[] = [
  { name: 'nuxt', folders: ['nuxt'], ...ofNuxt(visitAppVue) },
  // Another router, and middleware of a page.
  { name: 'nuxt with pages', folders: ['nuxt', 'pages'], ...ofNuxt(visitPages) },
  {
    name: 'nitro',
    folders: ['nitro'],
    packages: ['nitropack'],
    versionsOf: ['nitropack', 'h3', 'rollup'],
    steps: [
      INSTALL,
      { name: 'nitropack build', after: INSTALL.name, take: app => runScript(app, 'nitropack/dist/cli/index.mjs', 'build') },
      {
        name: 'visits to the built server',
        after: 'nitropack build',
        take: app => withServer(app, [BUILT_SERVER], { NITRO_SESSION_PASSWORD: PASSWORD }, url => countVisits(new Visitor(url), '/visits')),
      },
    ],
  },
]

/** A route counts, and the page shows what may reach the browser. */
async function visitAppVue(url: string, { hasModule }: App): Promise<Visitor> {
  const visitor = new Visitor(url)
  await countVisits(visitor, '/api/visits')
  await visitor.expect('/', { status: 200, text: hasModule ? 'visits: 2' : 'visits: ' })
  return visitor
}

/** A guarded page redirects to the login page if the visitor is not logged in. */
async function visitPages(url: string, app: App): Promise<void> {
  const visitor = await visitAppVue(url, app)
  await new Visitor(url).expect('/members', { status: 302, location: '/login' })
  await visitor.expect('/members', { status: 302, location: '/login' })
  if (!app.hasModule) return
  await visitor.expect('/api/login', { method: 'POST', status: 200, text: '"ada"' })
  await visitor.expect('/members', { status: 200, text: 'members' })
}

async function countVisits(visitor: Visitor, path: string): Promise<void> {
  await visitor.expect(path, { status: 200, text: '1' })
  await visitor.expect(path, { status: 200, text: '2' })
}
