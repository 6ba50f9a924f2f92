// The package by its own name, from its sources: `dist` need not be there, or may be old.
declare module 'nuxt-h3-session/testing' {
  export * from '~/src/testing'
}
