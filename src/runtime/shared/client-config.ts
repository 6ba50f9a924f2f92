/** `runtimeConfig.public.clientSession`, set by the module. */
export interface ClientSessionConfig {
  /** The path of the endpoint, or `false`. */
  route: string | false
  /** The page to which the route middleware `session` redirects visitors who are not logged in. */
  loginPage: string
  /** `false` in a static build. */
  hasServer: boolean
}

/** Returns `undefined` without Nuxt. */
export function clientConfigOf(config: { public?: object }): ClientSessionConfig | undefined {
  return (config.public as { clientSession?: ClientSessionConfig } | undefined)?.clientSession
}
