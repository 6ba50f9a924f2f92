export function useSession(): never {
  throw new Error('[nuxt-h3-session] useSession() works in server routes only. Use useClientSession() in pages, components and plugins, or ask a server route.')
}
