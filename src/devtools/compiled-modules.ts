import type { ViteDevServer } from 'vite'

/** A source map as an object, in JSON. */
export interface CompiledModule { map: object | null }

/** Finds what Vite has made of a file of the project for the server, if its stacks have the lines of that. */
export type FindCompiled = (file: string) => CompiledModule | undefined

/** The modules that Vite has compiled for rendering on the server. Nuxt 4 runs them without their source maps. */
export class CompiledModules {
  /** The newest first: a restart of Vite adds another. */
  readonly #servers: Pick<ViteDevServer, 'environments'>[] = []

  add(server: Pick<ViteDevServer, 'environments'>): void {
    this.#servers.unshift(server)
  }

  find(file: string): CompiledModule | undefined {
    for (const { environments } of this.#servers) {
      for (const { id, transformResult } of environments.ssr.moduleGraph.getModulesByFile(file) ?? []) {
        // A module of a part of the file, such as its styles, has a query.
        if (id === file && transformResult) return transformResult as CompiledModule
      }
    }
    return undefined
  }
}
