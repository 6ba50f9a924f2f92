import { defineConfig } from 'vitepress'
import type { DefaultTheme } from 'vitepress'
import { rewriteLinks, slugify } from './links.ts'
import { writeLlmsFiles } from './llms.ts'

const REPOSITORY = 'https://github.com/nuxt-h3-session/nuxt-h3-session'

/** The path below which the site is published, such as /nuxt-h3-session/ on GitHub Pages. */
const base = process.env.DOCS_BASE || '/'

const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: [
      { text: 'Overview', link: '/' },
      { text: 'Getting started', link: '/guide' },
      { text: 'Cookie or store?', link: '/modes' },
    ],
  },
  {
    text: 'Guide',
    items: [
      { text: 'In the server', link: '/server' },
      { text: 'In the app', link: '/client' },
      { text: 'Caching', link: '/caching' },
      { text: 'The store', link: '/stores' },
      { text: 'DevTools', link: '/devtools' },
      { text: 'Tests of your app', link: '/testing' },
      { text: 'Beside other modules', link: '/other-modules' },
    ],
  },
  {
    text: 'Recipes',
    items: [
      { text: 'Login', link: '/recipes/login' },
      { text: 'OAuth', link: '/recipes/oauth' },
      { text: 'Remember me', link: '/recipes/remember-me' },
      { text: 'Flash messages', link: '/recipes/flash' },
      { text: 'A form in several steps', link: '/recipes/multi-step-form' },
      { text: 'A cart', link: '/recipes/cart' },
      { text: 'Log out everywhere', link: '/recipes/log-out-everywhere' },
      { text: 'A new password for the server', link: '/recipes/rotation' },
      { text: 'Redis', link: '/recipes/redis' },
      { text: 'A database', link: '/recipes/database' },
      { text: 'Cloudflare Workers', link: '/recipes/workers' },
      { text: 'Several sessions', link: '/recipes/several-sessions' },
      { text: 'Subdomains', link: '/recipes/subdomains' },
      { text: 'In an iframe', link: '/recipes/iframe' },
    ],
  },
  {
    text: 'Production',
    items: [
      { text: 'Running in production', link: '/production' },
      { text: 'Security', link: '/security' },
      { text: 'Device-bound sessions', link: '/device-bound' },
      { text: 'Runtimes', link: '/runtimes' },
      { text: 'Speed', link: '/speed' },
    ],
  },
  {
    text: 'Migration',
    items: [
      { text: 'Overview', link: '/migration/' },
      { text: 'From h3 1', link: '/migration/h3' },
      { text: 'From nuxt-auth-utils', link: '/migration/nuxt-auth-utils' },
      { text: 'From h3 2', link: '/migration/h3-2' },
      { text: 'From iron-session', link: '/migration/iron-session' },
      { text: 'From express-session', link: '/migration/express-session' },
      { text: 'From @sidebase/nuxt-session', link: '/migration/sidebase-nuxt-session' },
      { text: 'Nuxt 5, Nitro 3, h3 2', link: '/nuxt-5' },
    ],
  },
  { text: 'Reference', items: [{ text: 'Options, functions, errors', link: '/reference' }] },
]

export default defineConfig({
  title: 'nuxt-h3-session',
  description: 'Sessions for Nuxt and Nitro, compatible with the cookies of h3.',
  lang: 'en',
  base,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}favicon.svg` }]],
  cleanUrls: true,
  // GitHub shows a folder's README.md, the site its index.
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  transformPageData(page) {
    if (page.relativePath === 'reference.md') page.frontmatter.pageClass = 'reference'
  },
  markdown: {
    anchor: { slugify },
    config: md => rewriteLinks(md, REPOSITORY),
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide' },
      { text: 'Recipes', link: '/recipes/login' },
      { text: 'Reference', link: '/reference' },
      { text: 'Changelog', link: `${REPOSITORY}/blob/main/CHANGELOG.md` },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: 'Edit this page' },
    footer: { message: 'Released under the MIT License.' },
  },
  buildEnd: config => writeLlmsFiles(config, sidebar),
})
