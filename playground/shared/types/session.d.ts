declare module '#session' {
  interface SessionData {
    count?: number
    /** What pages may show; see `clientKeys`. */
    public?: { name?: string }
  }
  interface NamedSessions {
    devices: Record<string, never>
    large: { text: string }
    rotation: { note: string }
  }
}

export {}
