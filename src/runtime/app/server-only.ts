/** Nuxt logs unhandled errors only; it would show others to the visitor. */
export function useSession(): never {
  const error = new Error('[nuxt-h3-session] useSession() works in server routes only. Use useClientSession() in pages, components and plugins, or ask a server route.')
  throw Object.assign(error, { unhandled: true })
}
