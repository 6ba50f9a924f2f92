// The package by its own name, from its sources, because `dist` may be missing or outdated.
declare module 'nuxt-h3-session/testing' {
  export * from '~/src/testing'
}
