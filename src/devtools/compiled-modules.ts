import type { ViteDevServer } from 'vite'

/** A source map as an object, in JSON. */
export interface CompiledModule { map: object | null }

/** Finds what Vite has made of a file of the project for the server, if its stacks have the lines of that. */
export type FindCompiled = (file: string) => CompiledModule | undefined

const UNMAPPED: CompiledModule = { map: null }

/**
 * The modules that Vite has compiled for rendering on the server, whose stacks are not mapped. `isWrapped`: they run in a
 * function that begins lines before, as in Nuxt 5, so that their source maps do not fit.
 */
export class CompiledModules {
  /** The newest first: a restart of Vite adds another. */
  readonly #servers: Pick<ViteDevServer, 'environments'>[] = []

  constructor(private readonly isWrapped: boolean) {}

  add(server: Pick<ViteDevServer, 'environments'>): void {
    this.#servers.unshift(server)
  }

  find(file: string): CompiledModule | undefined {
    for (const { environments } of this.#servers) {
      for (const { id, transformResult } of environments.ssr.moduleGraph.getModulesByFile(file) ?? []) {
        // A module of a part of the file, such as its styles, has a query.
        if (id === file && transformResult) return this.isWrapped ? UNMAPPED : transformResult as CompiledModule
      }
    }
    return undefined
  }
}
