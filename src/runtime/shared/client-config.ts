/** `runtimeConfig.public.clientSession`, set by the module. */
export interface ClientSessionConfig {
  route: string | false
  loginPage: string
  /** `false` in a static build. */
  hasServer: boolean
}

/** Returns `undefined` without Nuxt. */
export function clientConfigOf(config: { public?: object }): ClientSessionConfig | undefined {
  return (config.public as { clientSession?: ClientSessionConfig } | undefined)?.clientSession
}
