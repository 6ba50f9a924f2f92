/** `runtimeConfig.public.clientSession`, which the module fills. */
export interface ClientSessionConfig {
  /** The endpoint; `false`: none. */
  route: string | false
  /** Where the route middleware `session` sends who is not logged in. */
  loginPage: string
  /** Whether a server answers the app; a static build has none. */
  hasServer: boolean
}

/** Unset where the app has no pages of Nuxt's. */
export function clientConfigOf(config: { public?: object }): ClientSessionConfig | undefined {
  return (config.public as { clientSession?: ClientSessionConfig } | undefined)?.clientSession
}
